"""Django's settings, wholly from the environment.

DATABASE_URL             a PostgreSQL; the supervisor sets it to the embedded one when you do not
SIACH_HOME               the data folder (media, imports, key ring)
SIACH_ADDRESS            where people reach this Siach, e.g. https://siach.example.com
SIACH_MAIL               the mail server, e.g. smtp://user:password@mail.example.com:587?tls=1&from=siach@example.com
SIACH_BACKUP_FOLDER      where a copy is put every night, best on another disk; none is made without it
SIACH_BACKUP_PASSPHRASE  what encrypts the copies
SIACH_LOG                how much is logged: WARNING (as without it), INFO or DEBUG
SIACH_LOG_FORMAT         json: one line of JSON for each event and each request
SIACH_OIDC_*             ISSUER, CLIENT, SECRET and NAME of a provider of single sign-on
SIACH_SESSION_DAYS       how long somebody stays signed in at most, 1 to 90 days; 30 without it
SIACH_IDLE_HOURS         how long without use, on a device that is not their own, 1 to 336 hours; 12 without it
SIACH_UPLOAD_MB          how large a table may be that is handed in, 1 to 102,400 MB; 2,048 without it
SIACH_DEBUG              1 shows tracebacks in the browser; never in use
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from siach.launch.bounds import number
from siach.launch.home import home_folder
from siach.launch.keyring import key_ring
from siach.launch.mail import mail_server
from siach.launch.oidc import oidc_provider

ROOT = Path(__file__).resolve().parent.parent.parent
SIACH_HOME = home_folder()
SIACH_HOME.mkdir(parents=True, exist_ok=True)
SIACH_BACKUP_FOLDER = Path(os.environ["SIACH_BACKUP_FOLDER"]) if os.environ.get("SIACH_BACKUP_FOLDER") else None
SIACH_BUILD = Path(os.environ.get("SIACH_BUILD") or ROOT / ".build")
SIACH_ADDRESS = os.environ.get("SIACH_ADDRESS", "http://localhost:8000")

_ring = key_ring(SIACH_HOME)
SECRET_KEY = _ring.secret_key
SECRET_KEY_FALLBACKS = _ring.old_secret_keys
SIACH_KEYS = _ring.fernet_keys
SIACH_ERASURE_KEY = _ring.erasure_key
DEBUG = os.environ.get("SIACH_DEBUG") == "1"
_https = SIACH_ADDRESS.startswith("https://")


def _database(url: str) -> dict[str, object]:
    """A postgresql:// address as Django wants it. `?host=/folder` names a socket."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "siach",
        "USER": unquote(parts.username or query.pop("user", "")),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", None) or parts.hostname or "",
        "PORT": str(parts.port or query.pop("port", "")),
        "CONN_MAX_AGE": 0,
        # A database that went away and came back is met again at once, and a page waits for it a few seconds only.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 20, "timeout": 8, "reconnect_timeout": 5}, **query},
        "TEST": {"NAME": os.environ.get("SIACH_TEST_DATABASE")},
    }


DATABASES = {"default": _database(os.environ.get("DATABASE_URL", "postgresql:///siach"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# In the database, so that every web process counts the same attempts to sign in.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "django_cache"}}

INSTALLED_APPS = [
    "siach.demo",
    "siach.insight",
    "siach.care",
    "siach.talk",
    "siach.org",
    "siach.ui",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "procrastinate.contrib.django",
]
MIDDLEWARE = [
    "siach.ui.access.AccessLog",
    "django.middleware.security.SecurityMiddleware",
    "siach.ui.csp.ContentPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "siach.ui.packing.Packed",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "siach.org.middleware.LastEnd",
    "siach.org.seeing.SeeAs",
    "siach.org.middleware.Reader",
    "siach.org.limits.Limits",
    "siach.care.middleware.Counters",
    "siach.demo.middleware.Around",
    "siach.ui.bodies.TooLarge",
]
ROOT_URLCONF = "siach.urls"
ASGI_APPLICATION = "siach.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "siach.ui.frame.frame",
            ],
            "builtins": [
                "siach.ui.templatetags.siach_ui",
                "django.templatetags.i18n",
                "siach.ui.templatetags.siach_quick",
            ],
        },
    },
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": True,
        "OPTIONS": {
            "environment": "siach.ui.pieces.environment",
            "libraries": [
                "siach.ui.templatetags.siach_ui",
                "siach.talk.templatetags.intake_words",
                "siach.talk.templatetags.talk_words",
            ],
        },
    },
]

AUTH_USER_MODEL = "org.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "siach.org.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "siach.org.passwords.NotCommon"},
    {"NAME": "siach.org.passwords.NotOurs"},
]
PASSWORD_RESET_TIMEOUT = 3600
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "today"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
#: Without use a session ends after so many hours, on a device of one's own after two weeks (Django's own measure);
#: in use or not, after so many days.
SIACH_IDLE_HOURS = number(os.environ, "SIACH_IDLE_HOURS")
SIACH_SESSION_DAYS = number(os.environ, "SIACH_SESSION_DAYS")
#: Besides allauth's own: how many links that open nothing, passkeys and single sign-ons one address may try.
ACCOUNT_RATE_LIMITS = {"open_link": "20/m/ip", "passkey": "20/m/ip", "sso": "20/m/ip"}
#: What one person searches and takes along as files, and asks at all: see `siach.org.limits`.
ACCOUNT_RATE_LIMITS |= {"search": "120/m/key", "export": "20/h/key"}
#: What one person's own address for captures takes.
ACCOUNT_RATE_LIMITS |= {"hand_in": "30/m/key"}
#: In how many pictures one person has words read.
ACCOUNT_RATE_LIMITS |= {"read_picture": "12/m/key"}
SIACH_REQUESTS_A_MINUTE = 1_200
#: Calls by machine whose signature does not fit, from one network address or to one of ours.
SIACH_WRONG_CALLS_A_MINUTE = 60
#: Behind the proxy that https needs, the visitor's own address is the last one the proxy names.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if _https else 0
MFA_ADAPTER = "siach.org.factors.Sealed"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_ISSUER, MFA_TOTP_TOLERANCE = "Siach", 1
# Our own pages ask again who it is, by password, code or passkey: see `pages.confirm`.
MFA_REAUTHENTICATION_REQUIRED = False
ACCOUNT_ADAPTER = "siach.org.entering.ClosedDoor"

#: A browser takes a cookie of this name from this very host alone, over https, and from no neighbour of its domain.
_OURS = "__Host-" if _https else ""
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _https
SESSION_COOKIE_NAME = f"{_OURS}siach_session"
CSRF_COOKIE_NAME = f"{_OURS}siach_csrf"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
# Pages carry the token themselves; no script reads a cookie.
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_HSTS_SECONDS = 31536000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
ALLOWED_HOSTS = [urlsplit(SIACH_ADDRESS).hostname or "localhost", "localhost", "127.0.0.1"]
CSRF_TRUSTED_ORIGINS = [SIACH_ADDRESS] if _https else []
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

_mail = mail_server(os.environ.get("SIACH_MAIL", ""))
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if _mail else 'dummy'}.EmailBackend"
EMAIL_TIMEOUT = 20
if _mail:
    EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
    EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.tls, _mail.ssl
#: From whom mail comes; empty where no mail is set up.
SIACH_MAIL_FROM = _mail.sender if _mail else ""

#: The provider of single sign-on; None where there is none.
SIACH_OIDC = oidc_provider(os.environ)

LANGUAGE_CODE = "he"
LANGUAGES = [("he", "עברית"), ("en", "English")]
LANGUAGE_COOKIE_NAME = f"{_OURS}siach_language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = ["siach.ui.formats"]

STATIC_URL = "static/"
STATIC_ROOT = Path(os.environ.get("SIACH_STATIC") or SIACH_BUILD / "static")
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "siach.ui.finders.WheelFinder",
]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": SIACH_HOME / "media"},
    },
    "staticfiles": {"BACKEND": "siach.ui.finders.HashedStatic"},
}

SIACH_MEDIA_LIMIT = 20 * 2**20
#: What any request may bring, in bytes: the pictures of a capture. And by its address, where it may be more.
SIACH_BODY_LIMIT = 100 * 2**20
SIACH_UPLOADS = {"/sources/import/": number(os.environ, "SIACH_UPLOAD_MB") * 2**20}
SIACH_READER = os.environ.get("SIACH_READER", "linear")
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""
PROCRASTINATE_ON_APP_READY = "siach.background.ready"

_json = os.environ.get("SIACH_LOG_FORMAT") == "json"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"safe": {"()": f"siach.launch.logs.{'Json' if _json else 'Plain'}"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "safe"}},
    "root": {"handlers": ["console"], "level": os.environ.get("SIACH_LOG", "WARNING")},
    "loggers": {
        # These bring handlers of their own, which would say everything.
        "django": {"handlers": ["console"], "propagate": False},
        "_granian": {"handlers": ["console"], "propagate": False},
        "siach.org.signing": {"level": "INFO"},
        **({"siach.ui.access": {"level": "INFO"}} if _json else {}),
    },
}
