"""What one running service knows: its settings, its secret, its models, and when it was used."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path

from lesionlab.errors import ModelError, ServiceError
from lesionlab.models.locate import find_model
from lesionlab.service.describing import Drafts
from lesionlab.service.loaded import Loaded, LoadedModels
from lesionlab.service.passes import Passes
from lesionlab.settings import Settings

READY_SECONDS = 25.0

log = logging.getLogger(__name__)


class Service:
    """The state that all requests of one process share.

    Args:
        settings: Folders and limits.
        token: The secret that a request must carry, or None for a service open to all who reach it.
        private: Whether this is a web server's own service, which ends when idle.
        model: The model to take when a request names none. Only this may be a path.
    """

    def __init__(
        self,
        settings: Settings,
        token: str | None = None,
        private: bool = False,
        model: str | None = None,
    ) -> None:
        self.settings = settings
        self.token = token
        self.private = private
        self.model = model
        self.models = LoadedModels(settings.service_models_mb * 1e6)
        self.drafts = Drafts()
        self.passes = Passes()
        self.active_requests = 0
        self.seconds_at_work = 0.0
        self.last_used = time.monotonic()
        self.stopping = threading.Event()
        self._loaded_keras = threading.Event()
        self._failure: str | None = None

    def load_keras(self) -> None:
        """Import Keras; run in a thread while the port already answers."""
        try:
            import keras

            log.info("Keras %s on %s is loaded.", keras.__version__, keras.backend.backend())
        except ImportError as error:
            log.exception("Keras cannot be imported.")
            self._failure = str(error)
        self._loaded_keras.set()

    @property
    def status(self) -> str:
        """`starting`, `ready` or `failed`."""
        if not self._loaded_keras.is_set():
            return "starting"
        return "failed" if self._failure else "ready"

    def wait_until_ready(self) -> None:
        """Return once Keras is loaded.

        Raises:
            ServiceError: That takes too long, or cannot be done at all.
        """
        if not self._loaded_keras.wait(READY_SECONDS):
            raise ServiceError(
                "The model service is starting; its first start takes some seconds.",
                what_to_do="Try again in a moment.",
            )
        if self._failure:
            raise ServiceError(
                "The model service needs Keras with TensorFlow.",
                f"Importing it failed: {self._failure}.",
                "Install requirements.txt anew.",
            )

    def loaded(self, reference: str | None) -> Loaded:
        """The model that a request names, ready to be asked.

        Raises:
            ModelError: None is named, or it is not a name.
            JobError, BundleError: There is no such model, or it is damaged.
        """
        self.wait_until_ready()
        if not reference or reference == self.model:
            if self.model is None:
                raise ModelError(
                    "Expected the name of a model.",
                    what_to_do="Give a run's id or a model's name as `model`.",
                )
            return self.models.get(find_model(self.model), Path(self.model).stem)
        # Whoever may send a request may not have any folder of this machine read as a model.
        return self.models.get(find_model(reference, allow_paths=False), reference)
