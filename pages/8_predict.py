"""Lesson 8: upload a picture and read an honest answer.

The service holds the rule that a model which has only seen drawings judges no photograph; this
page shows what it says, how sure it is, and how often it is wrong.
"""

import streamlit as st

from lesionlab.app import answers, asked, caches, chosen, controls, judged, model_files, model_words
from lesionlab.app.shell import close_page, open_page

desk = open_page(__file__)
st.html(f'<p class="ll-note">{judged.NO_DIAGNOSIS_HTML}</p>')

reference = chosen.choose_result(desk)
with controls.sentences(foot=True):
    result = caches.result(reference)
    description = result.description
    evaluation = result.evaluation
model_files.import_control(desk)
controls.need(
    description is not None,
    "This run has no model yet: it is still learning, or it was stopped.",
    "pages/5_training.py",
    desk,
)

picture = judged.choose(desk)
drawn = judged.drawn_tick(picture, result.drawn)
if not asked.service_awake(reference):
    controls.end_page()
with controls.sentences(foot=True):
    answer = asked.predict(reference, picture.content, drawn)

left, right = st.columns([2, 3], gap="large")
with left:
    st.subheader("The picture", anchor=False)
    judged.show_picture(picture, answer)
    judged.show_quality(answer["quality"])
with right:
    st.subheader("What the model says", anchor=False)
    if answer["abstain"]:
        st.warning(answer["abstain"], icon=":material/front_hand:")
    if answer["probabilities"]:
        judged.show_answer(answer)
        judged.show_misses(evaluation, result.drawn)
        judged.say_other_kind(picture, result.drawn)
    elif not drawn:
        judged.offer_other_model(picture, desk, reference)

st.subheader("Who answers", anchor=False)
with st.container(border=True):
    title = model_words.literal(result.title)
    st.markdown(f"**{title}** answers. {answers.record(answer['model'], evaluation)}")
    judged.show_way(description)
    judged.show_seen(picture, reference, answer["model"])
    with st.container(horizontal=True, vertical_alignment="center"):
        controls.link("pages/7_evaluation.py", desk, label="See how good it is")
        model_files.download(reference)
model_files.show_card(result)
st.caption(answers.NO_DIAGNOSIS + " Show a changing or worrying spot to a doctor.")

controls.how_it_works(
    r"p_k = \frac{e^{z_k / T}}{\sum_j e^{z_j / T}} \qquad "
    r"p(\text{cancer or precursor}) = p_{mel} + p_{bcc} + p_{scc} + p_{ak}",
    "lesionlab.service.predicting:predict_picture",
    "lesionlab.explain.saliency:predict_with_heat_map",
    words="The network gives each class a score *z*. Dividing by the temperature *T*, which was "
    "found on the validation part, makes the probabilities as sure as they should be. A "
    "model that is asked for mirror images too averages their probabilities; *z* is then the "
    "logarithm of the mean. The heat map adds up the last feature maps, each with the weight that "
    "the answer gives to it.",
)
close_page(__file__, desk)
