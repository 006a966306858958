from __future__ import annotations

from pathlib import Path

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
        ("[hangup]\nopen_line_s = inf", "hangup.open_line_s"),
        ("[hangup]\nopen_line_s = true", "hangup.open_line_s"),
        ("[hangup]\nchat_ms = false", "hangup.chat_ms"),
        ("[classifier]\nthreshold = true", "classifier.threshold"),
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


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("CALLAUDIT_AUDIO__FOLDERS", "[not json", "must be a list of tables with path and channel_map"),
        ("CALLAUDIT_AUDIO__FOLDERS", '[{"path": "east"}]', "channel_map is missing"),
        ("CALLAUDIT_SPEECH__BATCH_WINDOWS", "999", "must be a whole number, 1 … 256"),
        ("CALLAUDIT_SPEECH__BATCH_WINDOWS", "many", "must be a whole number, 1 … 256"),
        ("CALLAUDIT_SPEECH__DEVICE", "tpu", "must be one of auto, cpu, cuda"),
        ("CALLAUDIT_SPEECH__MODL", "small", "unknown setting; did you mean CALLAUDIT_SPEECH__MODEL?"),
        ("CALLAUDIT_SPEECH", "small", "is a section: name one of its settings, such as CALLAUDIT_SPEECH__MODEL"),
        ("CALLAUDIT_TYPO", "1", "unknown setting"),
    ],
)
def test_a_bad_variable_is_named_with_what_it_must_be(monkeypatch, variable, value, complaint):
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()

    assert caught.value.message.startswith(f"environment variable {variable}: {complaint}")


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("CALLAUDIT_WORKERS", "CALLAUDIT_BATCH__WORKERS"),
        ("CALLAUDIT_BATCH_WORKERS", "CALLAUDIT_BATCH__WORKERS"),
        ("CALLAUDIT_BATCH__WORKRS", "CALLAUDIT_BATCH__WORKERS"),
        ("CALLAUDIT_BACH__WORKERS", "CALLAUDIT_BATCH__WORKERS"),
        ("CALLAUDIT_SPEECH__WORKERS", "CALLAUDIT_BATCH__WORKERS"),
        ("CALLAUDIT_CLASSIFIER__FOLDR", "CALLAUDIT_CLASSIFIER__FOLDER"),
        ("CALLAUDIT_BATCH__DB", "CALLAUDIT_DB"),
    ],
)
def test_a_misspelt_variable_is_told_as_it_is_to_be_written(monkeypatch, variable, meant):
    monkeypatch.setenv(variable, "2")
    with pytest.raises(SettingsError) as caught:
        load_settings()

    assert caught.value.message == f"environment variable {variable}: unknown setting; did you mean {meant}?"


@pytest.mark.parametrize("variable", ["CALLAUDIT_XYZ", "CALLAUDIT_", "CALLAUDIT_HOME", "CALLAUDIT_LOG__LEVEL"])
def test_a_variable_that_is_like_no_setting_is_not_guessed_at(monkeypatch, variable):
    monkeypatch.setenv(variable, "2")
    with pytest.raises(SettingsError) as caught:
        load_settings()

    assert caught.value.message == f"environment variable {variable}: unknown setting"


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ("workers = 2", "workers: unknown setting; did you mean workers = … under [batch]?"),
        ("[batch]\nworkrs = 2", "batch.workrs: unknown setting; did you mean workers = … under [batch]?"),
        ("[bach]\nworkers = 2", "bach.workers: unknown setting; did you mean workers = … under [batch]?"),
        ("[batch]\ndb = 'x'", "batch.db: unknown setting; did you mean db = … above all sections?"),
        ("batch = 2", "batch: is a section: name one of its settings, such as workers = … under [batch]"),
        ("[batches]", "batches: unknown setting"),
        (
            "[[audio.folders]]\npath = 'x'\nchannelmap = 'agent'\nchannel_map = 'agent'",
            "audio.folders: channelmap is unknown; did you mean channel_map?",
        ),
        (
            "[[audio.folders]]\npath = 'x'\nchannel_map = 'robot'",
            "audio.folders: channel_map must be 1 … 8 of agent, customer, system, unknown, separated by commas",
        ),
    ],
)
def test_a_misspelt_line_is_told_as_it_is_to_be_written_and_where(empty_folder, lines, complaint):
    (empty_folder / "callaudit.toml").write_text(lines, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings()

    assert caught.value.message == f"callaudit.toml: {complaint}"


def test_every_unknown_setting_of_an_unknown_section_is_told(empty_folder):
    (empty_folder / "callaudit.toml").write_text("[bach]\nworkers = 2\nxyz = 3", encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings()

    first, second = caught.value.message.split("; callaudit.toml: ")
    assert "bach.workers" in first
    assert second == "bach.xyz: unknown setting"


def test_a_wrong_table_in_a_variable_is_told_by_the_variable(monkeypatch):
    monkeypatch.setenv("CALLAUDIT_AUDIO__FOLDERS", '[{"path": "x", "channel_map": "robot", "name": "y"}]')
    with pytest.raises(SettingsError) as caught:
        load_settings()

    assert sorted(caught.value.message.split("; ")) == [
        "environment variable CALLAUDIT_AUDIO__FOLDERS: channel_map must be 1 … 8 of agent, customer, system, unknown,"
        " separated by commas",
        "environment variable CALLAUDIT_AUDIO__FOLDERS: name is unknown",
    ]


def test_folders_may_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("CALLAUDIT_AUDIO__FOLDERS", '[{"path": "east", "channel_map": "customer,agent"}]')

    assert load_settings().audio.folders[0].channel_map == (Party.CUSTOMER, Party.AGENT)


def test_a_bad_flag_is_named_even_where_the_file_has_the_same_setting(empty_folder):
    (empty_folder / "callaudit.toml").write_text('[audio]\nraw_format = "gsm"\nmax_bytes = 1\n', encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings(flags={"audio": {"raw_format": "mp9", "channel_map": "x,y"}})

    assert sorted(caught.value.message.split("; ")) == [
        "--channel-map: must be 1 … 8 of agent, customer, system, unknown, separated by commas",
        "--raw-format: must be one of vox, alaw, mulaw, gsm",
    ]


@pytest.mark.parametrize("name", ["night.txt", "night", "night.prom.old", "night.PROM"])
def test_a_file_of_figures_that_no_collector_reads_is_refused_wherever_it_is_named(empty_folder, monkeypatch, name):
    def complaint(**flags):
        with pytest.raises(SettingsError) as caught:
            load_settings(flags=flags)
        return caught.value.message

    wanted = "must be a path, ending in .prom"
    assert complaint(batch={"metrics": name}) == f"--metrics: {wanted}"
    (empty_folder / "callaudit.toml").write_text(f"[batch]\nmetrics = '{name}'", encoding="utf-8")
    assert complaint() == f"callaudit.toml: batch.metrics: {wanted}"
    monkeypatch.setenv("CALLAUDIT_BATCH__METRICS", name)
    assert complaint() == f"environment variable CALLAUDIT_BATCH__METRICS: {wanted}"


def test_a_file_of_figures_that_a_collector_reads_is_taken_wherever_it_is_named(empty_folder, monkeypatch):
    (empty_folder / "callaudit.toml").write_text("[batch]\nmetrics = 'a.prom'", encoding="utf-8")
    assert load_settings().batch.metrics == Path("a.prom")
    monkeypatch.setenv("CALLAUDIT_BATCH__METRICS", "b.prom")
    assert load_settings().batch.metrics == Path("b.prom")
    assert load_settings(flags={"batch": {"metrics": Path("c.prom")}}).batch.metrics == Path("c.prom")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("foo = 1", "callaudit.toml: foo: unknown setting"),
        ("[speech]\nvad_threshold = 1.0", "callaudit.toml: speech.vad_threshold: must be a number, > 0, < 1"),
        ("[audio]\nmax_bytes = 'x'", "callaudit.toml: audio.max_bytes: must be a whole number, > 0"),
        ("[lexicon]\nfolder = 1", "callaudit.toml: lexicon.folder: must be a path"),
        ("[[audio.folders]]\npath = 'x'", "callaudit.toml: audio.folders: channel_map is missing"),
    ],
)
def test_a_complaint_speaks_plainly_and_names_the_file(empty_folder, line, complaint):
    (empty_folder / "callaudit.toml").write_text(line, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings()

    assert caught.value.message == complaint
