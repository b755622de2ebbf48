"""Static files that are not ours to keep: htmx out of its wheel, and the typeface built at set-up."""

import importlib.util
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

from siach.ui import build

#: Name under STATIC_URL -> file inside the django_htmx package.
WHEEL_FILES = {"ui/vendor/htmx.js": "static/django_htmx/htmx-4.min.js"}


class HashedStatic(CompressedManifestStaticFilesStorage):
    """Hashed and compressed files, module imports rewritten too; plain names until they were collected."""

    support_js_module_import_aggregation = True

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._urls: dict[tuple[str | None, bool], str] = {}

    def url(self, name: str | None, force: bool = False) -> str:
        """The head of every page names the same files: each address is made once."""
        if (name, force) not in self._urls:
            self._urls[name, force] = super().url(name, force)
        return self._urls[name, force]

    def post_process(self, *args: Any, **options: Any) -> Any:
        yield from super().post_process(*args, **options)
        self._urls.clear()

    def stored_name(self, name: str) -> str:
        return str(super().stored_name(name)) if self.hashed_files else name


class _Named(FileSystemStorage):
    """Files of one folder seen under other names: `names` maps the static name to the path inside."""

    prefix = ""

    def __init__(self, folder: Path, names: dict[str, str]) -> None:
        super().__init__(location=str(folder))
        self.names = names

    def path(self, name: str) -> str:
        return super().path(self.names.get(name, name))


class WheelFinder(BaseFinder):
    """htmx out of the installed django-htmx package, and the typeface out of the build folder.

    The package itself stays out of INSTALLED_APPS: a comment in its other scripts breaks the rewriting of
    module imports when static files are collected."""

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        found = [storage.path(path) for storage in self._storages() if path in storage.names and storage.exists(path)]
        return found if find_all else found[0] if found else []

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[tuple[str, FileSystemStorage]]:
        for storage in self._storages():
            yield from ((name, storage) for name in storage.names if storage.exists(name))

    def _storages(self) -> tuple[_Named, _Named]:
        fonts = {f"ui/fonts/{name}": name for name in build.font_names()}
        return _Named(_wheel(), WHEEL_FILES), _Named(build.fonts_folder(), fonts)


def _wheel() -> Path:
    spec = importlib.util.find_spec("django_htmx")
    if spec is None or spec.origin is None:
        raise RuntimeError("The package django-htmx is not installed.")
    return Path(spec.origin).parent
