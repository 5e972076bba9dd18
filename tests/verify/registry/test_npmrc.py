import base64
import copy
import json
import pickle
import shutil
import subprocess
from pathlib import Path

import pytest

from provenly.trust.errors import UsageError
from provenly.verify.network.addresses import Origin
from provenly.verify.registry.npmrc import load, parse
from provenly.verify.registry.settings import DEFAULT_REGISTRY, Secret, Settings

CANARY = "npm_CanaryToken0123456789"


@pytest.fixture
def user(tmp_path):
    """Write a user's file and return the settings that it gives."""

    def written(text, **options):
        path = tmp_path / "user.npmrc"
        path.write_text(text)
        return load(user=path, **options)

    return written


def values(text, environment=None):
    return {line.key: line.value for line in parse(text, file="x", environment=environment or {})}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("registry=https://a.example/", {"registry": "https://a.example/"}),
        ("  registry = https://a.example/  ", {"registry": "https://a.example/"}),
        ('registry="https://a.example/"', {"registry": "https://a.example/"}),
        ("registry='https://a.example/'", {"registry": "https://a.example/"}),
        ("registry=https://a.example/ ; comment", {"registry": "https://a.example/"}),
        ("registry=https://a.example/#comment", {"registry": "https://a.example/"}),
        ("key=a\\;b\\#c\\\\d\\e", {"key": "a;b#c\\d\\e"}),
        ('key="a;b#c"', {"key": "a;b#c"}),
        ('key="line\\nline"', {"key": "line\nline"}),
        ('key="broken', {"key": '"broken'}),
        ("; comment", {}),
        ("# comment", {}),
        ("   ", {}),
        ("key", {"key": "true"}),
        ("key=", {"key": ""}),
        ("key=a=b", {"key": "a=b"}),
        ("=a", {}),
        ("ca[]=one", {"ca": "one"}),
        ("key=1\nkey=2", {"key": "2"}),
        ("key=1\r\nother=2\rthird=3", {"key": "1", "other": "2", "third": "3"}),
        ("key=1\n[section]\nkey=2\nother=3", {"key": "1"}),
        ("key=${A}-${B?}-\\\\${A}", {"key": "x--${A}"}),
    ],
)
def test_npms_dialect_is_read_as_npm_reads_it(row, expected):
    assert values(row, {"A": "x"}) == expected


INI = Path("/usr/lib/node_modules/npm/node_modules/ini")
NODE = shutil.which("node")


@pytest.mark.node
@pytest.mark.skipif(not (NODE and INI.exists()), reason="npm's own parser is not installed here")
def test_npms_own_parser_reads_the_same():
    atoms = ["a", "é", " ", ";", "#", "\\", '"', "'", "[]", "\\n", "true", "//h/:_authToken", "  "]
    rows = [
        f"k{left}={one}{two}{three}" for left in ("", " ", "[]") for one in atoms for two in atoms for three in atoms
    ]
    script = """
        const ini = require(process.argv[1]), fs = require("fs")
        console.log(JSON.stringify(JSON.parse(fs.readFileSync(0)).map(row => ini.parse(row))))
    """
    done = subprocess.run(
        [NODE, "-e", script, str(INI)], input=json.dumps(rows), capture_output=True, text=True, check=True
    )
    for row, theirs in zip(rows, json.loads(done.stdout), strict=True):
        flat = {}
        for key, value in theirs.items():
            # Ours yields the items of a list one by one; '[]' in quotes is an empty list to npm, and text to us.
            last = value[-1] if isinstance(value, list) and value else value
            flat[key] = last if isinstance(last, str) else json.dumps(last)
        assert values(row) == flat, row


def test_without_files_and_options_it_is_the_public_registry():
    settings = load()
    assert settings == Settings()
    assert settings.base("left-pad") == settings.base("@scope/name") == DEFAULT_REGISTRY


def test_scopes_have_their_own_registry_and_an_option_wins(user):
    settings = user("registry=https://a.example/npm/\n@corp:registry=http://127.0.0.1:4873/\n")
    assert settings.base("left-pad") == "https://a.example/npm"
    assert settings.base("@corp/tool") == "http://127.0.0.1:4873"
    assert settings.base("@other/tool") == "https://a.example/npm"
    settings = user("registry=https://a.example/\n@corp:registry=https://b.example/\n", registry="https://c.example/x/")
    assert settings.base("left-pad") == "https://c.example/x"
    assert settings.base("@corp/tool") == "https://b.example"
    assert {str(origin) for origin in settings.origins} == {"https://b.example", "https://c.example"}


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("registry=http://a.example/", "SETTINGS_REGISTRY", ":1"),
        ("\nregistry=a.example", "SETTINGS_REGISTRY", ":2"),
        ("registry=https://user:pw@a.example/", "SETTINGS_REGISTRY", ":1"),
        ("registry=https://a.example/?x=1", "SETTINGS_REGISTRY", ":1"),
        ("@corp:registry=ftp://a.example/", "SETTINGS_REGISTRY", ":1"),
        ("\n\nstrict-ssl=false", "NPMRC_STRICT_SSL", ":3"),
        ("strict-ssl = 'false'", "NPMRC_STRICT_SSL", ":1"),
        (f"_authToken={CANARY}", "NPMRC_UNSCOPED", ":1"),
        (f"_auth={CANARY}", "NPMRC_UNSCOPED", ":1"),
        ("//a.example/:_authToken=${UNSET}", "NPMRC_VARIABLE", ":1"),
        ("//a.example/:_authToken=", "NPMRC_CREDENTIAL", ":1"),
        ('//a.example/:_authToken="a\\r\\nEvil: 1"', "NPMRC_CREDENTIAL", ":1"),
        ("//a.example/:username=me\n//a.example/:_password=*", "NPMRC_CREDENTIAL", ":2"),
        ("//a.example/x:y:_authToken=1", "NPMRC_PLACE", ":1"),
        ("cafile=/nonexistent/ca.pem", "SETTINGS_CA", ":1"),
        ("ca=not a certificate", "SETTINGS_CA", ":1"),
        ("proxy=socks5://127.0.0.1:1080", "SETTINGS_PROXY", ":1"),
        ("https-proxy=http://[::1", "SETTINGS_PROXY", ":1"),
    ],
)
def test_a_setting_that_makes_no_sense_names_its_line(user, text, code, where):
    with pytest.raises(UsageError) as caught:
        user(text)
    assert caught.value.code == code
    assert f"user.npmrc{where}" in caught.value.message
    assert caught.value.hint
    assert CANARY not in caught.value.message


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"a" * (256 * 1024 + 1)])
def test_a_file_that_cannot_be_read_is_a_usage_error(tmp_path, content):
    path = tmp_path / ".npmrc"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        load(user=path)
    assert caught.value.code == "NPMRC_READ"


@pytest.mark.parametrize(
    ("text", "url", "expected"),
    [
        ("//a.example/:_authToken=T", "https://a.example/left-pad", "Bearer T"),
        ("//a.example:_authToken=T", "https://a.example/left-pad", "Bearer T"),
        ("//A.example/:_authToken=T", "https://a.example/left-pad", "Bearer T"),
        ("//a.example/:_authToken=${TOKEN}", "https://a.example/left-pad", "Bearer from-environment"),
        ("//a.example/:_auth=dTpw", "https://a.example/left-pad", "Basic dTpw"),
        ("//a.example/:username=u\n//a.example/:_password=cA==", "https://a.example/left-pad", "Basic dTpw"),
        ("//a.example/npm:_authToken=T", "https://a.example/npm/left-pad", "Bearer T"),
        ("//a.example/:_authToken=T\n//a.example/npm/:_authToken=N", "https://a.example/npm/left-pad", "Bearer N"),
        # The archive is outside of the registry's path, on its origin: as npm, the registry's credential is used.
        ("//a.example/npm/:_authToken=T", "https://a.example/files/left-pad-1.0.0.tgz", "Bearer T"),
        ("//a.example/np/:_authToken=T", "https://a.example/npm/left-pad", None),
        ("//a.example/:_authToken=T", "https://a.example:8443/left-pad", None),
        ("//a.example/:_authToken=T", "https://b.example/left-pad", None),
        ("//a.example/:_authToken=T", "https://sub.a.example/left-pad", None),
        ("//a.example/:_authToken=T", "https://a.example.evil.example/left-pad", None),
        ("//b.example/:_authToken=T", "https://b.example/left-pad", None),
    ],
)
def test_a_credential_goes_to_its_own_place_only(user, text, url, expected):
    settings = user(f"registry=https://a.example/npm/\n{text}", environment={"TOKEN": "from-environment"})
    credential = settings.credential(url)
    assert (credential.header.reveal() if credential else None) == expected


def test_two_registries_on_one_origin_do_not_share_credentials(user):
    settings = user(
        "registry=https://a.example/one/\n@two:registry=https://a.example/two/\n//a.example/one/:_authToken=ONE\n"
    )
    assert settings.credential("https://a.example/one/x").header == Secret("Bearer ONE")
    assert settings.credential("https://a.example/two/x") is None
    assert settings.credential("https://a.example/files/x") is None


def test_a_projects_file_names_registries_and_nothing_else(tmp_path):
    project = tmp_path / ".npmrc"
    project.write_text(
        "registry=https://a.example/\n@corp:registry=https://b.example/\n//b.example/:_authToken=T\n"
        "proxy=http://evil.example:1\nstrict-ssl=false\ncafile=/etc/passwd\n"
    )
    settings = load(project=project)
    assert settings.base("x") == "https://a.example"
    assert settings.base("@corp/x") == "https://b.example"
    assert settings.credentials == ()
    assert settings.proxy is None
    assert settings.ca == ""
    assert [note.code for note in settings.notes] == ["NPMRC_PROJECT"] * 4


def test_a_projects_file_does_not_see_the_environment(tmp_path):
    project = tmp_path / ".npmrc"
    project.write_text("registry=https://evil.example/${HOME}/\n")
    with pytest.raises(UsageError) as caught:
        load(project=project, environment={"HOME": "/root"})
    assert caught.value.code == "NPMRC_VARIABLE"


def test_no_file_is_read_that_nobody_named(tmp_path, monkeypatch):
    (tmp_path / ".npmrc").write_text("registry=https://evil.example/\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("npm_config_registry", "https://evil.example/")
    monkeypatch.setenv("HTTPS_PROXY", "http://evil.example:1")
    assert load() == Settings()


def test_proxies_and_what_is_reached_without(user):
    settings = user("https-proxy=http://me:pa%40ss@proxy.example:3128/\nnoproxy=corp.example, .internal\n")
    assert settings.proxy.url == "http://proxy.example:3128"
    assert settings.proxy.header.reveal() == "Basic " + base64.b64encode(b"me:pa@ss").decode()

    def proxied(url):
        return settings.proxy_for(Origin.of(url, what="x")) is not None

    assert proxied("https://registry.example/")
    assert proxied("https://notcorp.example/")
    assert not proxied("https://corp.example/")
    assert not proxied("https://npm.corp.example/")
    assert not proxied("https://a.internal/")
    assert not proxied("http://127.0.0.1:4873/")
    assert user("proxy=null\n").proxy is None
    assert user("proxy=http://a.example:1\n", proxy="http://b.example:2").proxy.url == "http://b.example:2"


def test_client_certificates_are_noted_as_unsupported(user):
    assert [note.code for note in user("//a.example/:certfile=/x.pem\n").notes] == ["NPMRC_UNSUPPORTED"]


def test_a_secret_does_not_show_itself(user):
    settings = user(f"registry=https://a.example/\n//a.example/:_authToken={CANARY}\nproxy=http://u:{CANARY}@p.example")
    secret = settings.credentials[0].header
    shown = [repr(settings), str(settings), f"{secret}", f"{secret!r:>40}", f"{secret}", repr([secret]), repr(vars)]
    assert not any(CANARY in text for text in shown)
    assert CANARY not in settings.credentials[0].digest()
    for copying in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            copying(secret)


def test_credentials_have_digests_that_tell_them_apart(user):
    one = user("//a.example/:_authToken=ONE").credentials[0]
    two = user("//a.example/:_authToken=TWO").credentials[0]
    elsewhere = user("//b.example/:_authToken=ONE").credentials[0]
    assert len({one.digest(), two.digest(), elsewhere.digest()}) == 3
    assert one.digest() == user("//a.example/:_authToken=ONE").credentials[0].digest()
