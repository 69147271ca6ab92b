"""The 198 folder names of SD-198 and which class each is.

Sun et al. (2016) name their folders after the diseases of DermQuest. Whatever is none of the
eight classes is UNK; Steppan and Hanke (2021) use SD-198 for UNK alone, after its images of the
eight classes are taken out. What may or may not belong to one of the eight classes is left out,
so that UNK stays clean.
"""

from __future__ import annotations

_EIGHT_CLASSES: dict[str, str | None] = {
    "Actinic_solar_Damage(Actinic_Keratosis)": "ak",
    "Basal_Cell_Carcinoma": "bcc",
    "Benign_Keratosis": "bkl",
    "Seborrheic_Keratosis": "bkl",
    "Dermatosis_Papulosa_Nigra": "bkl",  # small seborrheic keratoses on dark skin
    "Solar_Lentigo": "bkl",
    "Dermatofibroma": "df",
    "Malignant_Melanoma": "mel",
    "Lentigo_Maligna_Melanoma": "mel",
    "Becker's_Nevus": "nv",
    "Blue_Nevus": "nv",
    "Compound_Nevus": "nv",
    "Congenital_Nevus": "nv",
    "Dysplastic_Nevus": "nv",
    "Halo_Nevus": "nv",
    "Junction_Nevus": "nv",
    "Nail_Nevus": "nv",
    "Nevus_Incipiens": "nv",
    "Nevus_Spilus": "nv",
    "Bowen's_Disease": "scc",  # squamous cell carcinoma in situ
    "Keratoacanthoma": "scc",
    "Angioma": "vasc",
    "Pyogenic_Granuloma": "vasc",
    "Strawberry_Hemangioma": "vasc",
}

SD198_LEFT_OUT: dict[str, str] = {
    "Actinic_solar_Damage(Actinic_Cheilitis)": "actinic keratosis of the lip",
    "Actinic_solar_Damage(Solar_Purpura)": "bleeding, which some count as vascular",
    "Actinic_solar_Damage(Telangiectasia)": "vessels, which some count as vascular",
    "Arsenical_Keratosis": "close to actinic keratosis, and not from the sun",
    "Bowenoid_Papulosis": "close to squamous cell carcinoma in situ",
    "Cutaneous_Horn": "grows on a keratosis or a carcinoma, and which is not told",
    "Lymphangioma_Circumscriptum": "vessels, which some count as vascular",
    "Metastatic_Carcinoma": "which cancer it comes from is not told",
    "Subungual_Hematoma": "bleeding, which some count as vascular",
}

# The other diseases, separated by spaces.
_UNKNOWN = """
Acne_Keloidalis_Nuchae Acne_Vulgaris Acrokeratosis_Verruciformis
Actinic_solar_Damage(Cutis_Rhomboidalis_Nuchae) Actinic_solar_Damage(Pigmentation)
Actinic_solar_Damage(Solar_Elastosis) Acute_Eczema Allergic_Contact_Dermatitis Alopecia_Areata
Androgenetic_Alopecia Angular_Cheilitis Aphthous_Ulcer Apocrine_Hydrocystoma
Balanitis_Xerotica_Obliterans Beau's_Lines Behcet's_Syndrome Cafe_Au_Lait_Macule Callus Candidiasis
Cellulitis Chalazion Clubbing_of_Fingers Crowe's_Sign Cutanea_Larva_Migrans
Cutaneous_T-Cell_Lymphoma Cutis_Marmorata Darier-White_Disease Desquamation Digital_Fibroma
Dilated_Pore_of_Winer Discoid_Lupus_Erythematosus Disseminated_Actinic_Porokeratosis Drug_Eruption
Dry_Skin_Eczema Dyshidrosiform_Eczema Eccrine_Poroma Eczema Epidermal_Nevus Epidermoid_Cyst
Epithelioma_Adenoides_Cysticum Erythema_Ab_Igne Erythema_Annulare_Centrifigum Erythema_Craquele
Erythema_Multiforme Exfoliative_Erythroderma Factitial_Dermatitis Favre_Racouchot Fibroma
Fibroma_Molle Fixed_Drug_Eruption Follicular_Mucinosis Follicular_Retention_Cyst Fordyce_Spots
Frictional_Lichenoid_Dermatitis Ganglion Geographic_Tongue Granulation_Tissue Granuloma_Annulare
Green_Nail Guttate_Psoriasis Hailey_Hailey_Disease Half_and_Half_Nail Herpes_Simplex_Virus
Herpes_Zoster Hidradenitis_Suppurativa Histiocytosis_X Hyperkeratosis_Palmaris_Et_Plantaris
Hypertrichosis Ichthyosis Impetigo Infantile_Atopic_Dermatitis Inverse_Psoriasis Keloid
Keratolysis_Exfoliativa_of_Wende Keratosis_Pilaris Kerion Koilonychia Kyrle's_Disease Leiomyoma
Leukocytoclastic_Vasculitis Leukonychia Lichen_Planus Lichen_Sclerosis_Et_Atrophicus
Lichen_Simplex_Chronicus Lichen_Spinulosis Linear_Epidermal_Nevus Lipoma Livedo_Reticularis
Lymphocytic_Infiltrate_of_Jessner Lymphomatoid_Papulosis Mal_Perforans Median_Nail_Dystrophy Melasma
Milia Molluscum_Contagiosum Morphea Mucha_Habermann_Disease Mucous_Membrane_Psoriasis Myxoid_Cyst
Nail_Dystrophy Nail_Psoriasis Nail_Ridging Neurodermatitis Neurofibroma Neurotic_Excoriations
Nevus_Comedonicus Nevus_Sebaceous_of_Jadassohn Nummular_Eczema Onychogryphosis Onycholysis
Onychomycosis Onychoschizia Paronychia Pearl_Penile_Papules Perioral_Dermatitis Pincer_Nail_Syndrome
Pitted_Keratolysis Pityriasis_Alba Pityriasis_Rosea Pityrosporum_Folliculitis
Poikiloderma_Atrophicans_Vasculare Pomade_Acne Pseudofolliculitis_Barbae Pseudorhinophyma Psoriasis
Pustular_Psoriasis Pyoderma_Gangrenosum Racquet_Nail Radiodermatitis Rhinophyma Rosacea
Scalp_Psoriasis Scar Scarring_Alopecia Schamberg's_Disease Sebaceous_Gland_Hyperplasia
Seborrheic_Dermatitis Skin_Tag Stasis_Dermatitis Stasis_Edema Stasis_Ulcer Steroid_Acne
Steroid_Striae Steroid_Use_abusemisuse_Dermatitis Stomatitis Striae Syringoma Terry's_Nails
Tinea_Corporis Tinea_Cruris Tinea_Faciale Tinea_Manus Tinea_Pedis Tinea_Versicolor Toe_Deformity
Trichilemmal_Cyst Trichofolliculoma Trichostasis_Spinulosa Ulcer Urticaria Varicella
Verruca_Vulgaris Vitiligo Wound_Infection Xerosis
"""

SD198: dict[str, str | None] = {
    **_EIGHT_CLASSES,
    **dict.fromkeys(SD198_LEFT_OUT),
    **dict.fromkeys(_UNKNOWN.split(), "unk"),
}
