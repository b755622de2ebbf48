"""The web process, as Granian serves it."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "siach.settings")
application = get_asgi_application()
