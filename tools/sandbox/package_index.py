"""The package index pip is set up with, said in the words of uv."""

import ast

# option of pip -> variable of uv
VARIABLES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "no-index": "UV_NO_INDEX",
    "constraint": "UV_CONSTRAINT",
}


def translate(listed):
    """Variables of uv from the output of ``pip config list``."""
    options = read_options(listed)
    settings = {
        variable: " ".join(options[option].split())
        for option, variable in VARIABLES.items()
        if option in options
    }
    # pip takes the best version of all indexes, and the certificates of the machine
    settings["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    settings.setdefault("UV_SYSTEM_CERTS", "true")
    if "UV_FIND_LINKS" in settings:
        settings["UV_FIND_LINKS"] = settings["UV_FIND_LINKS"].replace(" ", ",")
    return settings


def read_options(listed):
    """``{option: value}``; what stands for one command of pip, or in a variable,
    comes after what stands for all."""
    rows = [line.partition("=") for line in listed.splitlines() if "=" in line]
    found = {}
    for scope in ("global.", "install.", ":env:."):
        for name, _equals, value in rows:
            if name.startswith(scope):
                found[name.removeprefix(scope)] = ast.literal_eval(value)
    return found
