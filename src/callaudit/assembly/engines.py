"""Engines, loaded and wired, and the classifier trained."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from callaudit.assembly.stores import make_folder
from callaudit.domain.calls import Party
from callaudit.domain.findings import Phase
from callaudit.pipeline import Engines
from callaudit.ports import Transcriber
from callaudit.settings import Settings

if TYPE_CHECKING:
    from callaudit.classifier.evaluation import Evaluation
    from callaudit.classifier.model import RudenessClassifier
    from callaudit.detectors.text_judge import TextJudge
    from callaudit.lexicon.matcher import LexiconMatcher


def build_engines(settings: Settings, transcriber: Transcriber | None = None) -> Engines:
    """Load every engine; this is where a missing model, lexicon or program stops the run.

    Args:
        settings: name and configure them.
        transcriber: takes the place of the speech model, which is not loaded then.

    Raises:
        SetupError: something must be repaired first.
    """
    from callaudit.audio.decode import FfmpegDecoder
    from callaudit.classifier.talk import TalkClassifier
    from callaudit.detectors import FusedDetector, make_detectors, score_call
    from callaudit.hangup.locate import EvidenceHangupLocator
    from callaudit.speech.activity import SileroDetector
    from callaudit.speech.line import FloorChangeDetector
    from callaudit.speech.music import HoldMusicDetector
    from callaudit.speech.tones.detector import CallProgressToneDetector
    from callaudit.text.parties import WordPartyAttributor

    decoder = FfmpegDecoder(settings.audio)
    matcher, classifier = word_engines(settings)
    talk = TalkClassifier(settings.hangup.talk_model)
    is_synthetic_model = False
    if transcriber is None:
        from callaudit.speech.engine import WhisperTranscriber

        transcriber = whisper = WhisperTranscriber(settings.speech)
        is_synthetic_model = whisper.is_synthetic_only
    return Engines(
        decoder=decoder,
        speech=SileroDetector(settings.speech),
        line=FloorChangeDetector(),
        music=HoldMusicDetector(),
        tones=CallProgressToneDetector(settings.hangup.tone_profile),
        transcriber=transcriber,
        attributor=WordPartyAttributor(talk),
        locator=EvidenceHangupLocator(settings.hangup, talk),
        detector=FusedDetector(make_detectors(matcher, classifier, settings.hangup)),
        scorer=score_call,
        channel_parties=settings.audio.channel_map,
        is_synthetic_model=is_synthetic_model,
    )


def build_text_judge(settings: Settings, matcher: LexiconMatcher | None = None) -> TextJudge:
    """Load what judges words, as `build_engines` does, and nothing that hears them.

    Args:
        settings: name lexicon and classifier.
        matcher: that of the settings where it is built already.

    Raises:
        SetupError: something must be repaired first.
    """
    from callaudit.detectors.text_judge import TextJudge

    return TextJudge(*word_engines(settings, matcher))


def build_matcher(settings: Settings) -> LexiconMatcher:
    """The lexicon of the settings, ready to match.

    Raises:
        LexiconError: it cannot be used.
    """
    from callaudit.lexicon.files import load_lexicon
    from callaudit.lexicon.matcher import LexiconMatcher
    from callaudit.text.segment import Segmenter

    return LexiconMatcher(load_lexicon(settings.lexicon.folder, settings.lexicon.overlay), Segmenter())


def word_engines(
    settings: Settings, matcher: LexiconMatcher | None = None
) -> tuple[LexiconMatcher, RudenessClassifier]:
    """Lexicon and classifier of the settings."""
    from callaudit.classifier.model import RudenessClassifier

    matcher = matcher or build_matcher(settings)
    return matcher, RudenessClassifier(settings.classifier.folder, settings.classifier.threshold)


def train_classifier(
    settings: Settings, files: Sequence[Path], out: Path, *, calibrate: Sequence[Path] = (), lexicon: bool = True
) -> Evaluation:
    """Train the rudeness model beside the lexicon of the settings.

    Args:
        settings: name the lexicon.
        files: labelled utterances.
        out: folder of the model.
        calibrate: those of the files that choose threshold and trust in the lexicon; all where empty.
        lexicon: whether lexicon matches count at all.

    Raises:
        InputError: a file is malformed, or there is too little to learn from or to calibrate on.
        LexiconError: the lexicon cannot be used.
        StorageError: the folder cannot be made or written to.
    """
    from callaudit.classifier.training import TrainingData, train
    from callaudit.detectors.cues import cues_of
    from callaudit.detectors.witnesses import covered

    make_folder(out)
    if not lexicon:
        return train(TrainingData(files=files, calibration_files=calibrate), out)
    matcher = build_matcher(settings)
    data = TrainingData(
        files=files,
        calibration_files=calibrate,
        cues=lambda text: cues_of(covered(matcher.match(text), Party.AGENT, Phase.BEFORE_HANGUP)),
        cues_version=matcher.version,
    )
    return train(data, out)


def train_talk_model(files: Sequence[Path], out: Path) -> dict[str, Any]:
    """Train the model of talk.

    Args:
        files: lines of talk, a file for each writer.
        out: folder of the model.

    Returns:
        Its figures on writers it has not seen.

    Raises:
        InputError: a file is malformed, or there is only one.
        StorageError: the folder cannot be made or written to.
    """
    from callaudit.classifier.talk_training import train_talk

    make_folder(out)
    return train_talk(files, out)
