"""uv asks where pip would: its variables come from pip's configuration."""

from tools.sandbox import package_index

LISTED = """\
:env:.index-url='https://env.example/simple'
global.cert='/etc/own.pem'
global.extra-index-url='\\nhttps://a.example/simple\\nfile:///b'
global.find-links='/wheels /more'
global.index-url='https://all.example/simple'
install.trusted-host='env.example'
"""


def test_uv_asks_the_index_that_pip_is_set_up_with():
    settings = package_index.translate(LISTED)
    assert settings["UV_DEFAULT_INDEX"] == "https://env.example/simple"
    assert settings["UV_INDEX"] == "https://a.example/simple file:///b"
    assert settings["UV_FIND_LINKS"] == "/wheels,/more"
    assert settings["UV_INSECURE_HOST"] == "env.example"
    assert settings["SSL_CERT_FILE"] == "/etc/own.pem"


def test_without_configuration_uv_keeps_its_own_index():
    settings = package_index.translate("")
    assert "UV_DEFAULT_INDEX" not in settings
    assert "SSL_CERT_FILE" not in settings
