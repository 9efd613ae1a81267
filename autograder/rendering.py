"""Our HTML pages' templates: what is put into one is escaped, and nothing may be missing."""

from collections.abc import Callable
from typing import Any

import jinja2


def page_template(name: str, **filters: Callable[..., Any]) -> jinja2.Template:
    """A template of `autograder/templates/`, with filters of its own."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("autograder"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(filters)
    return environment.get_template(name)
