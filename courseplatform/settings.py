"""One file, read from the environment. Defaults are safe; demo and tests switch on what they need."""

import os
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from courseplatform import environment

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("COURSEPLATFORM_VAR", BASE_DIR / "var")).resolve()
VAR.mkdir(mode=0o700, parents=True, exist_ok=True)
# What was erased, for a database from a backup: outside of it, and not in its backups (people/privacy/tombstones.py).
ERASURES_FILE = Path(os.environ.get("ERASURES_FILE", VAR / "erasures.jsonl"))

DEBUG = environment.flag("DEBUG", default=False)
DEMO = environment.flag("COURSEPLATFORM_DEMO", default=False)
EMBEDDED = "DATABASE_URL" not in os.environ
# Whoever sees all mail sees links to new passwords too. Only the product's own tests want both.
if DEMO and not EMBEDDED and not environment.flag("COURSEPLATFORM_TESTS", default=False):
    raise ImproperlyConfigured(
        "COURSEPLATFORM_DEMO shows every mail to everybody, so it goes with embedded data alone. "
        "Leave out COURSEPLATFORM_DEMO, or leave out DATABASE_URL."
    )
CLOCK_SHIFT = environment.number("COURSEPLATFORM_CLOCK_SHIFT", default=0)
if CLOCK_SHIFT and not DEMO:
    raise ImproperlyConfigured("COURSEPLATFORM_CLOCK_SHIFT moves time and is only for demo and tests. Leave it out.")

SECRET_KEY_FALLBACKS = environment.words("SECRET_KEY_FALLBACKS")  # older ones that still open what they signed
SECRET_KEY = environment.kept_secret("SECRET_KEY", VAR / "secret.key", may_create=EMBEDDED)
# "name:secret" pairs, the first one seals, all of them open: see people/privacy/sealing.py.
MASTER_KEYS = environment.master_keys("MASTER_KEYS", VAR / "master.key", may_create=EMBEDDED)
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", default="localhost,127.0.0.1,[::1]")
SITE_URL = environment.address(
    "SITE_URL",
    default="http://127.0.0.1:8000",
    schemes={"http", "https"},
    example="https://ledelse.kommunen.example",
)
CSRF_TRUSTED_ORIGINS = [SITE_URL]
USES_HTTPS = SITE_URL.startswith("https://")

INSTALLED_APPS = [
    "courseplatform.people",
    "lessons",
    "courseplatform.cohorts",
    "courseplatform.outbox",
    "courseplatform.journal",
    "courseplatform.insights",
    "worker",
    *(["demo"] if DEMO else []),
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail.sites",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",  # the renderer looks for its widgets among the apps
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "lessons.editor_policy.EditorPolicyMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "courseplatform.people.caching.NothingKeptMiddleware",
    "courseplatform.people.language.PersonLanguageMiddleware",
    "courseplatform.people.signing_in.sessions.LastSeenMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "courseplatform.people.refusals.RefusalMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "courseplatform.urls"
WSGI_APPLICATION = "courseplatform.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "courseplatform.people.navigation.menu",
            ],
        },
    },
]
FORM_RENDERER = "courseplatform.people.rendering.DesignSystemRenderer"

DATABASES = {"default": environment.database("DATABASE_URL", default=f"sqlite:///{VAR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 5,
        # secure_delete: what was deleted is overwritten, whatever SQLite was built to do.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;",
    }
else:
    DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = environment.address(
    "REDIS_URL", default="", schemes={"redis", "rediss"}, example="redis://user:password@host:6379/0"
)
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}

# --- Sign-in ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["courseplatform.people.signing_in.backend.PersonBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "courseplatform.people.signing_in.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_FORMS = {
    "login": "courseplatform.people.signing_in.forms.SignInForm",
    "reset_password": "courseplatform.people.signing_in.forms.ForgottenForm",
    "reset_password_from_key": "courseplatform.people.signing_in.forms.NewPasswordForm",
    "change_password": "courseplatform.people.signing_in.forms.OtherPasswordForm",
    "reauthenticate": "courseplatform.people.signing_in.forms.IsItYouForm",
}
# A town hall shares one address, and a cohort chooses its passwords in one room: machines get room, addresses little.
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "login_failed": "60/m/ip,5/5m/key",
    "reset_password": "60/m/ip,5/m/key",
    "reset_password_from_key": "60/m/ip",
}
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_EMAIL_NOTIFICATIONS = True  # which of them, and how: people/signing_in/adapter.py
MFA_ADAPTER = "courseplatform.people.signing_in.passkeys.PasskeyAdapter"
MFA_SUPPORTED_TYPES = ["webauthn"]  # no codes: who has lost everything gets a new password by mail
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # HR keeps the addresses
MFA_FORMS = {
    "add_webauthn": "courseplatform.people.signing_in.passkeys.NewPasskeyForm",
    "edit_webauthn": "courseplatform.people.signing_in.passkeys.PasskeyNameForm",
    "login_webauthn": "courseplatform.people.signing_in.passkeys.SignInForm",
    "reauthenticate_webauthn": "courseplatform.people.signing_in.passkeys.IsItYouForm",
}
MFA_RATE_LIMITS = {"webauthn_login": "240/m/ip"}  # two requests each: asking, and answering
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if USES_HTTPS else "http"  # of the link to a new password
# How many proxies stand in front: without it all people would share one count of wrong passwords, the proxy's.
ALLAUTH_TRUSTED_PROXY_COUNT = environment.number("TRUSTED_PROXIES", default=0)
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = USES_HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "courseplatform.people.errors.csrf_failed"

# --- Language and time -----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "da"
LANGUAGES = [("da", _("Danish")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "language"
USE_I18N = USE_TZ = True
TIME_ZONE = "Europe/Copenhagen"
LOCALE_PATHS = [BASE_DIR / "locale"]

# --- Content ---------------------------------------------------------------------------------------------------------
WAGTAIL_SITE_NAME = "Courseplatform"
WAGTAILADMIN_BASE_URL = SITE_URL
WAGTAIL_I18N_ENABLED = False
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_WORKFLOW_ENABLED = False
WAGTAILADMIN_LOGIN_URL = "desk-sign-in"
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAILIMAGES_IMAGE_MODEL = "lessons.Picture"
WAGTAILIMAGES_EXTENSIONS = ["png", "jpg", "jpeg", "webp"]
TAGGIT_CASE_INSENSITIVE = True

# --- Files -----------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR / "media"
HASHED_STATIC = environment.flag("HASHED_STATIC", default=not (DEMO or DEBUG))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if HASHED_STATIC
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not HASHED_STATIC

# --- Mail ------------------------------------------------------------------------------------------------------------
MAIL_FOLDER = VAR / "mail"
if EMAIL_URL := os.environ.get("EMAIL_URL", ""):
    globals().update(environment.smtp(EMAIL_URL))
else:
    EMAIL_BACKEND = "courseplatform.outbox.relay.mailfolder.EmailBackend"
# Seconds: to connect, for each command, and for the answer to a mail's end, which a relay may take its time for.
EMAIL_CONNECT_TIMEOUT, EMAIL_TIMEOUT, EMAIL_DOT_TIMEOUT = 10, 60, 600
RELAY_RATE = environment.number("RELAY_RATE", default=0)  # mails a minute that the relay takes; 0: as many as there are
# Seconds over which messages of one instant are spread, so that half past eight is not one instant for everybody.
SEND_SPREAD = environment.number("SEND_SPREAD", default=0 if EMBEDDED else 20 * 60)
# Seconds for which a sender that is not heard of keeps its batch (DELIVERY §5).
SEND_LEASE = environment.number("SEND_LEASE", default=120)
MAIL_DOMAIN = os.environ.get("MAIL_DOMAIN", "fjordby.example")
# Where reports, calendar answers and answers by e-mail arrive: a folder of files, or one on an IMAP server.
INBOX_URL = environment.inbox("INBOX_URL", default=(VAR / "inbox").as_uri())
INBOX_TOKEN_FILE = os.environ.get("INBOX_TOKEN_FILE", "").strip()  # an OAuth access token, instead of a password
ANSWERS_BY_MAIL = bool(os.environ.get("INBOX_URL", "").strip())  # questions are answered where somebody named a mailbox
INBOX_AUTHSERV_ID = os.environ.get("INBOX_AUTHSERV_ID", "").strip()  # our own relay's name in Authentication-Results
DEFAULT_FROM_EMAIL = f"noreply@{MAIL_DOMAIN}"

# --- What machines watch: who brings the token may read /metrics; without one, only this machine itself ---------------
METRICS_TOKEN = environment.token("METRICS_TOKEN")

# --- Background work: three static ticks, no arguments, no ETA (see worker/) ------------------------------------------
# Seconds between two ticks. Tests make them short.
PLAN_EVERY = environment.number("PLAN_EVERY", default=60)
DISPATCH_EVERY = environment.number("DISPATCH_EVERY", default=15)
REAP_EVERY = environment.number("REAP_EVERY", default=30)
SEND_SLOTS = environment.number("SEND_SLOTS", default=2)  # tasks that all workers together do at once
CELERY_BROKER_URL = REDIS_URL or "filesystem://"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a broker may be away as long as it likes
CELERY_TASK_ACKS_LATE = False  # a doorbell that was heard is done; the rows know what is left
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
CELERY_TIMEZONE = "UTC"

# --- Headers ---------------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {"geolocation": [], "camera": [], "microphone": [], "interest-cohort": []}
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if USES_HTTPS else 0
SECURE_SSL_REDIRECT = False

DEFAULT_EXCEPTION_REPORTER_FILTER = "courseplatform.people.privacy.error_reports.WithoutPrivateText"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    # A load of thirty pages would tell of each, and of each index entry.
    "loggers": {name: {"level": "WARNING"} for name in ("wagtail", "modelsearch", "django_tasks", "django.tasks")},
}
