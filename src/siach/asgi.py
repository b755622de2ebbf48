"""The web process, as Granian serves it."""

import os

from django.core.asgi import get_asgi_application

from siach.launch.processes import end_with_parent

if os.environ.get("SIACH_BOUND"):
    # Granian's own child would outlive a killed Granian and keep the port.
    end_with_parent()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "siach.settings")
application = get_asgi_application()
