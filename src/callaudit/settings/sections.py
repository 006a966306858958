"""The settings, section by section; each belongs to one room of the code and is handed to it as a whole."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from callaudit.domain.calls import Party
from callaudit.domain.runs import Duplicates


def _split_parties(value: object) -> object:
    """Let `agent,customer` stand for a list, as environment and command line write it."""
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


def _from_json(value: object) -> object:
    """Let JSON stand for a list of tables, as the environment writes it."""
    return json.loads(value) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Ending:
    """What the name of a file must end in."""

    suffix: str

    def __call__(self, path: Path | None) -> Path | None:
        """The path as it is.

        Raises:
            ValueError: it ends in something else.
        """
        if path is not None and path.suffix != self.suffix:
            raise ValueError("another ending is wanted")
        return path


ChannelMap = Annotated[tuple[Party, ...], BeforeValidator(_split_parties), Field(min_length=1, max_length=8)]
"""Party by channel, 0-based, such as `agent,customer`."""


class Section(BaseModel):
    """A group of settings; unknown keys are errors, values do not change, infinity and `true` are no numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_truth_for_numbers(cls, value: object, info: ValidationInfo) -> object:
        field = cls.model_fields[info.field_name or ""]
        if isinstance(value, bool) and field.annotation in (int, float, int | None, float | None):
            raise ValueError("a number is wanted, not true or false")
        return value


class FolderSettings(Section):
    """`[[audio.folders]]`: what is different in one folder of recordings."""

    path: Path = Field(description="Folder; holds for everything below it.")
    channel_map: ChannelMap = Field(description="Party by channel in this folder.")


class AudioSettings(Section):
    """`[audio]`: reading recordings."""

    ffmpeg: Path | None = Field(
        default=None, description="ffmpeg to run; else the one on the PATH, else imageio-ffmpeg's."
    )
    channel_map: ChannelMap = Field(
        default=(Party.AGENT, Party.CUSTOMER), description="Party by channel of a stereo recording, channel 0 first."
    )
    folders: Annotated[tuple[FolderSettings, ...], BeforeValidator(_from_json)] = Field(
        default=(), description="Folders with a channel map of their own."
    )
    max_duration_s: int = Field(default=4 * 3600, gt=0, description="Longest recording that is decoded, in seconds.")
    max_bytes: int = Field(default=2 * 1024**3, gt=0, description="Largest file that is opened, in bytes.")
    decode_timeout_s: int = Field(default=300, gt=0, description="Time limit for decoding one recording, in seconds.")
    decode_memory_mb: int = Field(default=1024, ge=400, description="Address space the decoder may use, in MiB.")
    raw_format: Literal["vox", "alaw", "mulaw", "gsm"] | None = Field(
        default=None, description="Codec of headerless files; files named .vox, .al, .ul or .gsm need none."
    )
    raw_rate_hz: int | None = Field(
        default=None, ge=4000, le=48000, description="Sample rate of headerless files; they are refused without it."
    )


class SpeechSettings(Section):
    """`[speech]`: finding and transcribing speech."""

    model: str = Field(default="small", description="Whisper model: a name, a path to a .pt checkpoint, or `mini`.")
    device: Literal["auto", "cpu", "cuda"] = Field(
        default="auto", description="Where the model runs; auto: cuda if any."
    )
    batch_windows: int = Field(default=8, ge=1, le=256, description="30-second windows decoded together.")
    threads: int = Field(
        default=1,
        ge=0,
        description="CPU threads of the model in each worker; one gives the same figures for any number of workers,"
        " 0 lets torch decide and starts one worker.",
    )
    prompt: str = Field(
        default="以下是普通话的电话录音。",
        description="Shown to the model before each window; keeps the script simplified.",
    )
    vad_threshold: float = Field(default=0.3, gt=0, lt=1, description="Speech probability at which a region begins.")
    vad_pad_ms: int = Field(default=200, ge=0, description="Added to both ends of a speech region, in ms.")
    vad_min_silence_ms: int = Field(default=300, ge=30, description="Silence that ends a region, in ms.")
    vad_min_speech_ms: int = Field(default=120, ge=30, description="Shortest stretch taken for speech, in ms.")
    max_region_s: float = Field(
        default=15.0, gt=1, le=29, description="Longest region; longer speech is cut at its pauses."
    )


class LexiconSettings(Section):
    """`[lexicon]`: forbidden phrases."""

    folder: Path | None = Field(default=None, description="Folder of *.toml lexicons; else the bundled ones.")
    overlay: Path | None = Field(
        default=None, description="File or folder of the site's own *.toml: entries to add, change or switch off."
    )


class ClassifierSettings(Section):
    """`[classifier]`: the rudeness model."""

    folder: Path | None = Field(default=None, description="Model folder with its manifest; else the bundled one.")
    threshold: float | None = Field(
        default=None, ge=0, le=1, description="Score that makes a finding; else the manifest's."
    )


class HangupSettings(Section):
    """`[hangup]`: when the conversation was over."""

    customer_silence_ms: int = Field(
        default=2500, ge=500, description="Customer silence after the closing exchange that makes it a hang-up, in ms."
    )
    min_speech_ms: int = Field(default=400, ge=0, description="Shortest speech after the hang-up that counts, in ms.")
    chat_ms: int = Field(
        default=2500,
        ge=0,
        description="Harmless speech after the hang-up up to this long is a word or two and no finding, in ms.",
    )
    talk_model: Path | None = Field(
        default=None,
        description="Folder of the model that tells what talk after a call is; else the bundled one.",
    )
    open_line_s: float = Field(
        default=0,
        ge=0,
        description="A line open for longer after the conversation is a late hang-up, in seconds; 0: not looked for.",
    )
    tone_profile: Literal["cn", "tw", "hk", "us", "uk", "jp", "de", "fr", "eu", "sg"] = Field(
        default="cn", description="Country whose tones the exchange sends; eu: as ETSI recommends."
    )
    record_tolerance_ms: int = Field(
        default=2000, ge=0, description="A call record off from the recording's length by more is not used, in ms."
    )


class BatchSettings(Section):
    """`[batch]`: runs over many recordings, their workers, and what each of them may use."""

    workers: int = Field(
        default=0, ge=0, le=1024, description="Worker processes; 0: as many as there are cores and memory for."
    )
    time_limit_factor: float = Field(
        default=20, gt=0, description="A stage of a call may take so many times the call's length."
    )
    time_limit_floor_s: float = Field(default=120, gt=0, description="Shortest such time limit, in seconds.")
    worker_memory_mb: int = Field(
        default=0,
        ge=0,
        description="Memory at which a worker is stopped, in MiB; 0: its share of nine tenths of the machine's.",
    )
    worker_growth_mb: int = Field(
        default=2048, ge=1, description="Growth of its memory after which a worker is replaced, in MiB."
    )
    calls_per_group: int = Field(default=4, ge=1, le=1024, description="Calls transcribed together at most.")
    duplicates: Duplicates = Field(
        default=Duplicates.SKIP,
        description="Recordings with the bytes of another: counted, noted as its copies, or judged on their own.",
    )
    min_free_mb: int = Field(
        default=200, ge=0, description="Room left on a disk at which a run stops, in MiB; 0: not watched."
    )
    patience_s: float = Field(
        default=60, ge=0, description="Wait at the end for recordings that are still being written, in seconds."
    )
    settle_s: float = Field(
        default=5, ge=0, description="A recording that changed less than this long ago is waited for, in seconds."
    )
    fetch_mb: int = Field(
        default=2048, gt=0, description="Remote recordings held on the local disk at a time, together, in MiB."
    )
    executor: Literal["local", "ray"] = Field(
        default="local", description="Where the work is done: worker processes here, or a Ray cluster."
    )
    ray_address: str | None = Field(
        default=None,
        description="Head node of the cluster: host and port, or auto; else a cluster of this machine alone.",
    )
    metrics: Annotated[Path | None, AfterValidator(Ending(".prom"))] = Field(  # node_exporter reads no other
        default=None, description="Text file of figures for Prometheus, written while a run goes on and at its end."
    )


class ReportSettings(Section):
    """`[report]`: what reviewers read."""

    lang: Literal["zh", "en"] = Field(default="zh", description="Language of reports.")
    clip_before_ms: int = Field(default=5000, ge=0, description="Audio before a finding in its clip, in ms.")
    clip_after_ms: int = Field(default=3000, ge=0, description="Audio after a finding in its clip, in ms.")


class Settings(Section):
    """All settings of one run."""

    db: str = Field(default="sqlite:///callaudit.db", description="Database address: sqlite:///file or postgresql://….")
    batch: BatchSettings = BatchSettings()
    audio: AudioSettings = AudioSettings()
    speech: SpeechSettings = SpeechSettings()
    lexicon: LexiconSettings = LexiconSettings()
    classifier: ClassifierSettings = ClassifierSettings()
    hangup: HangupSettings = HangupSettings()
    report: ReportSettings = ReportSettings()
