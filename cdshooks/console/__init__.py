"""The integration team's web pages: what the service is, try it, the rules, the rates. Server-rendered, no outside
network.

On where the site file says ``console: true``, and in open mode; it has no sign-in of its own (docs/console.md). What is
tried here takes the way of a hook call and is kept nowhere but as a trial in the record, without the request.
"""

from __future__ import annotations

from flask import Flask

from cdshooks.settings.environment import Config


def register(app: Flask, config: Config) -> None:
    """Adds the pages, if the site wants them."""
    if config.site.console:
        from cdshooks.console.pages import BLUEPRINT

        app.register_blueprint(BLUEPRINT)
