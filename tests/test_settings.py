from __future__ import annotations

import pytest

from callaudit.domain.calls import Party
from callaudit.errors import SettingsError
from callaudit.settings import load_settings


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("CALLAUDIT_DB", "CALLAUDIT_SPEECH__MODEL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_defaults_are_those_of_real_calls():
    settings = load_settings()

    assert (settings.speech.model, settings.db) == ("small", "sqlite:///callaudit.db")
    assert settings.audio.channel_map == (Party.AGENT, Party.CUSTOMER)


def test_flags_win_over_environment_and_environment_over_file(empty_folder, monkeypatch):
    (empty_folder / "callaudit.toml").write_text(
        'db = "sqlite:///file.db"\n[speech]\nmodel = "base"\nbatch_windows = 3\n', encoding="utf-8"
    )
    assert load_settings().speech.model == "base"
    monkeypatch.setenv("CALLAUDIT_SPEECH__MODEL", "medium")
    monkeypatch.setenv("CALLAUDIT_DB", "sqlite:///environment.db")
    settings = load_settings(flags={"speech": {"model": "mini"}})

    assert (settings.speech.model, settings.speech.batch_windows) == ("mini", 3)
    assert settings.db == "sqlite:///environment.db"
    assert load_settings().speech.model == "medium"


def test_a_folder_may_have_a_channel_map_of_its_own(empty_folder):
    (empty_folder / "callaudit.toml").write_text(
        '[[audio.folders]]\npath = "east"\nchannel_map = ["customer", "agent"]\n', encoding="utf-8"
    )
    (folder,) = load_settings().audio.folders

    assert folder.channel_map == (Party.CUSTOMER, Party.AGENT)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[speech]\nmodl = 1\n", "speech.modl"),
        ("[audio]\nmax_duration_s = 0\n", "audio.max_duration_s"),
        ('[audio]\nchannel_map = "agent,robot"\n', "audio.channel_map"),
        ("[speech\n", "callaudit.toml"),
        ("surprise = 1\n", "surprise"),
    ],
)
def test_a_bad_setting_is_named(empty_folder, text, named):
    (empty_folder / "callaudit.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings()

    assert named in caught.value.message
    assert caught.value.exit_code == 3


def test_a_settings_file_that_is_not_there_is_an_error(empty_folder):
    with pytest.raises(SettingsError, match=r"nowhere\.toml"):
        load_settings(empty_folder / "nowhere.toml")


def test_settings_do_not_change():
    with pytest.raises(ValueError, match="frozen"):
        load_settings().speech.model = "tiny"


def test_a_channel_map_may_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("CALLAUDIT_AUDIO__CHANNEL_MAP", "customer,agent")

    assert load_settings().audio.channel_map == (Party.CUSTOMER, Party.AGENT)


def test_a_settings_file_of_another_encoding_is_an_error_that_names_it(empty_folder):
    (empty_folder / "callaudit.toml").write_bytes("db = '热线'".encode("gbk"))
    with pytest.raises(SettingsError, match=r"callaudit\.toml"):
        load_settings()


def test_a_list_in_the_environment_that_cannot_be_read_is_a_settings_error(monkeypatch):
    monkeypatch.setenv("CALLAUDIT_AUDIO__FOLDERS", "[not json")
    with pytest.raises(SettingsError, match="environment"):
        load_settings()
