"""The web process, as Granian serves it."""

import os
import warnings

from django.core.asgi import get_asgi_application

from siach.launch.processes import end_with_parent
from siach.ui.bodies import Bounded

if os.environ.get("SIACH_BOUND"):
    # Granian's own child would outlive a killed Granian and keep the port.
    end_with_parent()
# WhiteNoise hands files over as plain iterators; reading them in a thread is what Django then does, and is meant.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "siach.settings")
application = Bounded(get_asgi_application())
