"""What happens on a simulated call: steps in order, and the line they travel over. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from callaudit.domain.calls import Party
from tests.simulator.music import Style


class Shape(StrEnum):
    """How the call ends, as the research names it."""

    S1 = "S1"
    """Nobody hung up: goodbyes, then the agent talks."""
    S2 = "S2"
    """The customer hung up, the agent's leg is recorded on."""
    S3 = "S3"
    """An outbound call reached a mailbox or the network, and the agent talks."""
    INNOCENT = "innocent"
    """Nothing to flag; `Tail` says what the end holds."""
    S4 = "S4"
    """The customer is on hold, or the microphone muted, and the agent talks about him."""


class Tail(StrEnum):
    """Innocent ends of a call."""

    NONE = "none"
    """Not an innocent call."""
    QUIET = "quiet"
    """The line stays open, or the tone sounds, and nobody talks."""
    SURVEY = "survey"
    SILENT_CALLER = "silent_caller"
    ONE_MORE_QUESTION = "one_more_question"
    READ_BACK = "read_back"
    """The agent reads the work order aloud while typing it."""
    TRANSFER = "transfer"
    NEXT_CALL = "next_call"
    """The recorder goes on into the agent's next call."""
    CHAT = "chat"
    """A harmless word or two of the agent."""
    BACKGROUND = "background"
    """The customer has not hung up either and talks to the family."""
    HOLD = "hold"
    """The agent asks a colleague while the customer waits, and comes back."""
    UNNOTICED = "unnoticed"
    """The customer is gone and the agent still asks for them."""
    CONSULTED = "consulted"
    """The agent consults a colleague while the record or hold music tells that the customer is on hold."""
    RADIO = "radio"
    """Music plays in the customer's room all along."""
    MESSAGE = "message"
    """The agent leaves a message on a mailbox."""


class Twist(StrEnum):
    """What makes a call hard, beyond its shape and its line."""

    NONE = "none"
    ALL_AGREE = "record, tone and line agree"
    RECORD_AGAINST_TONE = "record against tone and line"
    """Its clock is 1.5 to 2.5 s off, too little for the length of the recording to betray it."""
    RECORD_DRIFTS = "record of another length"
    """Its clock is up to 3 s off and its call more than 2 s longer or shorter than the recording."""
    RECORD_OF_ANOTHER = "record of another call"
    RECORD_WITHOUT_HANGUP = "record without a hang-up"
    """It names the end of the call and nobody who ended it."""
    AGENT_ONLY = "only the agent's goodbye"
    CUSTOMER_ONLY = "only the customer's goodbye"
    CUT_IN = "hung up during the goodbye"
    MOCKS_FIRST = "line drops after the remark"
    LONG_WAIT = "long wait for the hang-up"


class Source(StrEnum):
    """What tells the hang-up on this call, the best witness first."""

    RECORD = "record"
    TONE = "tone"
    LINE = "line"
    """The customer's channel falls to digital silence or to another noise."""
    CLOSING = "closing"
    PROMPT = "prompt"
    """A mailbox or the network speaks."""
    NOTHING = "nothing"


class Signal(StrEnum):
    """Tones of the exchange, China profile."""

    BUSY = "busy"
    CONGESTION = "congestion"
    DIAL = "dial"
    HOWLER = "howler"
    RINGBACK = "ringback"
    CALL_WAITING = "call_waiting"
    RECORD_NOTICE = "record_notice"
    LONG_DISTANCE = "long_distance"

    @property
    def ends_the_call(self) -> bool:
        """Whether the exchange sends it to whoever is left on the line."""
        return self in {Signal.BUSY, Signal.CONGESTION, Signal.DIAL, Signal.HOWLER}


class Trunk(StrEnum):
    """What the sound is companded by."""

    LINEAR = "linear"
    ALAW = "alaw"
    MULAW = "mulaw"


class Codec(StrEnum):
    """What the recorder stores the sound in."""

    NONE = "none"
    GSM = "gsm"
    """GSM 06.10 full rate."""
    MP3 = "mp3"
    OPUS = "opus"
    AMR_12 = "amr 12.2"
    """AMR narrow band at 12.2 kbit/s, as mobile networks carry speech."""
    AMR_5 = "amr 4.75"
    """AMR narrow band at its lowest rate."""
    MP3_16 = "mp3 16"
    """At 16 kbit/s and 8 kHz."""
    MP3_8 = "mp3 8"
    OPUS_12 = "opus 12"
    """At 12 kbit/s, tuned to speech."""
    OPUS_6 = "opus 6"
    G723 = "g723.1"
    """ITU-T G.723.1 at 6.3 kbit/s: the nearest to G.729 that ffmpeg can encode."""
    G726 = "g726"
    """ITU-T G.726 at 16 kbit/s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Somebody says something, `gap_ms` after the step before; a negative gap cuts in."""

    party: Party
    text: str
    gap_ms: int = 500
    level_db: float = 0.0
    """Against the party's usual level: −7 for somebody turned away from the microphone."""
    speaker: int | None = None
    """Voice; the party's own where None."""
    after: bool = False
    """Whether this is talk after the hang-up, or on hold, which is to be flagged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A tone of the exchange on the customer's channel. Steps go on while it sounds unless `wait`."""

    signal: Signal
    duration_ms: int
    gap_ms: int = 0
    level_dbfs: float = -16.0
    error_hz: float = 0.0
    """Off the nominal frequency."""
    jitter: float = 0.0
    """Every on and off is up to this share longer or shorter."""
    wait: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Nobody speaks."""

    ms: int


@dataclass(frozen=True, slots=True)
class ClosingEnd:
    """The closing exchange is over with the step before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp:
    """The conversation is over now: somebody disconnects, or nobody does and the goodbyes were the end."""

    by: Party | None
    kind: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDrops:
    """From now on the customer's channel carries nothing but noise at `noise_dbfs`; digital silence where None."""

    noise_dbfs: float | None = None


@dataclass(frozen=True, slots=True)
class OtherEnd:
    """Another moment that may rightly be called the hang-up: the end of the next call in the same file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MusicOn:
    """From now on music is heard on the customer's channel."""

    style: Style
    level_dbfs: float


@dataclass(frozen=True, slots=True)
class MusicOff:
    """It stops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldOn:
    """The switch writes that the customer is on hold, or the microphone muted."""

    is_mute: bool = False


@dataclass(frozen=True, slots=True)
class HoldOff:
    """It writes that this is over."""


Step = Say | Sound | Wait | ClosingEnd | HangUp | LineDrops | OtherEnd | MusicOn | MusicOff | HoldOn | HoldOff


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambience:
    """What is heard around the parties; levels in dBFS, None where there is nothing of the kind."""

    swell_db: float = 0.0
    """The line's noise rises and falls by this."""
    traffic_dbfs: float | None = None
    """Vehicles that pass the customer."""
    breath_dbfs: float | None = None
    """The agent's."""
    click_dbfs: float | None = None
    """The agent's keyboard."""
    neighbour_dbfs: float | None = None
    """Another agent's talk, on the agent's channel: no word of it is the truth's."""

    @property
    def is_any(self) -> bool:
        """Whether anything is heard at all."""
        return self != Ambience()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The way from the parties to the recorder."""

    is_mixed: bool = False
    noise_dbfs: float = -60.0
    agent_dbfs: float = -21.0
    customer_dbfs: float = -24.0
    echo_db: float | None = None
    """The agent heard on the customer's channel, against the agent; None for no echo."""
    echo_delay_ms: int = 90
    crosstalk_db: float | None = None
    """The customer heard on the agent's channel without delay."""
    clip_dbfs: float | None = None
    """Nothing is louder than this."""
    loss: float = 0.0
    """Share of 20 ms packets lost, in bursts of one to three, heard as zeros."""
    is_gated: bool = False
    """Whether the customer's channel is digital silence whenever the customer does not speak (silence suppression)."""
    trunk: Trunk = Trunk.ALAW
    codec: Codec = Codec.NONE
    ambience: Ambience = field(default_factory=Ambience)

    @property
    def worst_fault(self) -> str:
        """The one fault to file the call under."""
        faults = (
            ("silence suppressed", self.is_gated),
            ("packets lost", self.loss > 0.01),
            ("echo", self.echo_db is not None),
            ("clipped", self.clip_dbfs is not None),
            ("noisy", self.noise_dbfs > -55),
            ("sounds around", self.ambience.is_any),
        )
        return next((name for name, is_so in faults if is_so), "clean")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The call record's clock: whole seconds, `offset_ms` ahead of the recording's."""

    offset_ms: int = 0
    stretch_ms: int = 0
    """The record has the call so much longer than the recording."""
    is_of_another_call: bool = False
    """Whether the times are those of a call of quite another length."""
    has_hangup: bool = True
    """Whether it says when the customer hung up, and who did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One call before it is rendered."""

    name: str
    steps: tuple[Step, ...]
    shape: Shape
    source: Source
    tail: Tail = Tail.NONE
    twist: Twist = Twist.NONE
    line: Line = field(default_factory=Line)
    clock: Clock | None = None
    """None where the call has no record."""
    lead_in_ms: int = 600
    lead_out_ms: int = 1500

    @property
    def sounds(self) -> tuple[Sound, ...]:
        """All tones of the call."""
        return tuple(step for step in self.steps if isinstance(step, Sound))

    @property
    def last_signal(self) -> Signal | None:
        """The tone that says the call is over; None where there is none."""
        signals = [sound.signal for sound in self.sounds if sound.signal.ends_the_call]
        return signals[-1] if signals else None

    @property
    def has_goodbyes(self) -> bool:
        """Whether the parties took leave."""
        return any(isinstance(step, ClosingEnd) for step in self.steps)

    @property
    def must_be_found(self) -> bool:
        """Whether to report no hang-up is a fault: a word, a message, the next call may pass for the call going on."""
        return self.tail not in {Tail.CHAT, Tail.NEXT_CALL, Tail.MESSAGE}
