"""DICOM Structured Report: a measurement report (TID 1500) with the score and the reader's verdict.

Built as IHE AI Results asks: Comprehensive 3D SR, one measurement group (TID 1501) with the
algorithm's identification (TID 4019) and its source image. The verdict is a group of its own, whose
observer is the reader (TID 1003), so that nobody takes the network's words for a person's. It is
complete, but nobody has verified it.
"""

from __future__ import annotations

from typing import Any

from pydicom import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from app import __version__
from app.core.base.reasons import texts
from app.core.model.results import Call, Status
from app.core.model.triage import doubts
from app.core.reading.verdicts import Verdict
from app.review.export import codes
from app.review.export.reviewed import MAKER, NOT_FOR_DIAGNOSIS, ReviewedImage, statement
from app.review.export.source import new_uid, printable, reference, take_over

SERIES_NUMBER = 7102
UNKNOWN_READER = "Reader^"
_DESCRIPTION = "AI score and verdict, not for primary diagnosis"


def structured_report(image: ReviewedImage, ds: Dataset) -> Dataset:
    """Put score, call, operating point and verdict into a measurement report.

    Parameters
    ----------
    image
        Scored, refused or read.
    ds
        Its source; the header is enough.

    Returns
    -------
    Dataset
        Ready to be written; a series of its own.

    Raises
    ------
    OutputError
        When the source has no usable UIDs.
    """
    from highdicom.coding_schemes import CodingSchemeIdentificationItem
    from highdicom.sr import (
        Comprehensive3DSR,
        DeviceObserverIdentifyingAttributes,
        MeasurementReport,
        ObservationContext,
        ObserverContext,
    )

    source = reference(ds)
    device = DeviceObserverIdentifyingAttributes(
        uid=new_uid(),
        name=MAKER,
        manufacturer_name=MAKER,
        model_name=f"{MAKER} {__version__}",
    )
    groups = [_network_group(image, source)]
    if image.verdict is not None:
        groups.append(_reader_group(image.verdict, source))
    report = MeasurementReport(
        observation_context=ObservationContext(
            observer_device_context=ObserverContext(_concept(_DEVICE), device)
        ),
        procedure_reported=_concept(codes.CHEST_RADIOGRAPHY),
        imaging_measurements=groups,
        title=_concept(("126000", "DCM", "Imaging Measurement Report")),
    )
    made = Comprehensive3DSR(
        evidence=[source],
        content=report,
        series_instance_uid=new_uid(),
        series_number=SERIES_NUMBER,
        sop_instance_uid=new_uid(),
        instance_number=1,
        manufacturer=MAKER,
        is_complete=True,
        is_final=False,
        is_verified=False,
        transfer_syntax_uid=ExplicitVRLittleEndian,
        series_description=_DESCRIPTION,
        manufacturer_model_name=MAKER,
        software_versions=__version__,
        device_serial_number="0",
        coding_schemes=[
            CodingSchemeIdentificationItem(
                designator=codes.SCHEME,
                name=codes.SCHEME_NAME,
                uid=codes.SCHEME_UID,
                responsible_organization=MAKER,
            )
        ],
    )
    take_over(ds, made)
    return made


_DEVICE: codes.Triple = ("121007", "DCM", "Device")
_PERSON: codes.Triple = ("121006", "DCM", "Person")


def _concept(code: codes.Triple) -> Any:
    from highdicom.sr import CodedConcept

    value, scheme, meaning = code
    return CodedConcept(value, scheme, meaning)


def _evaluation(name: codes.Triple, value: codes.Triple) -> Any:
    from highdicom.sr import QualitativeEvaluation

    return QualitativeEvaluation(_concept(name), _concept(value))


def _group(source: Dataset, identifier: str, **parts: Any) -> Any:
    from highdicom.sr import (
        MeasurementsAndQualitativeEvaluations,
        SourceImageForMeasurementGroup,
        TrackingIdentifier,
    )

    where = SourceImageForMeasurementGroup(
        source.SOPClassUID,
        source.SOPInstanceUID,
        referenced_frame_numbers=[1] if "NumberOfFrames" in source else None,
    )
    return MeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(uid=new_uid(), identifier=identifier),
        source_images=[where],
        **parts,
    )


def _network_group(image: ReviewedImage, source: Dataset) -> Any:
    from highdicom.sr import AlgorithmIdentification, Measurement

    prediction = image.prediction
    name, version = image.model
    parts: dict[str, Any] = {}
    measurements = []
    call = codes.NO_SCORE
    if name:
        threshold = prediction.threshold if prediction else None
        parts["algorithm_id"] = AlgorithmIdentification(
            name,
            version,
            parameters=None if threshold is None else [f"threshold={threshold!r}"],
            manufacturer=MAKER,
        )
    if prediction is not None and prediction.p_pneumonia is not None:
        numbers = [(codes.PROBABILITY, prediction.p_pneumonia)]
        if (sure := prediction.range) is not None:
            numbers += [(codes.RANGE_LOW, sure.low), (codes.RANGE_HIGH, sure.high)]
        if prediction.threshold is not None:
            numbers.append((codes.OPERATING_POINT, prediction.threshold))
        measurements = [
            Measurement(_concept(each), value, _concept(codes.NO_UNITS)) for each, value in numbers
        ]
        call = codes.CALLS[prediction.call or Call.NORMAL]
    group = _group(
        source,
        "Network",
        measurements=measurements or None,
        qualitative_evaluations=[_evaluation(codes.CALL, call)],
        **parts,
    )
    _say(group, statement(image))
    if prediction is not None:
        for reason in texts(doubts(prediction)):
            _say(group, reason if prediction.status is not Status.OK else f"Caution: {reason}")
    return group


def _given_on(verdict: Verdict) -> str:
    """What the network said then: at another operating point it may say the opposite by now."""
    if verdict.call is None or verdict.p_pneumonia is None or verdict.threshold is None:
        return ""
    return (
        f"Verdict given on score {verdict.p_pneumonia:.3f}, call {verdict.call}, "
        f"threshold {verdict.threshold:.6g}, model {verdict.model}"
    )


def _reader_group(verdict: Verdict, source: Dataset) -> Any:
    from highdicom.sr import ObserverContext, PersonObserverIdentifyingAttributes

    evaluations = []
    if verdict.agreement is not None:
        evaluations.append(_evaluation(codes.VERDICT, codes.VERDICTS[verdict.agreement]))
    label = codes.LABELS.get(verdict.label.upper())
    if label is not None:
        evaluations.append(_evaluation(codes.OWN_LABEL, label))
    for name, holds in (
        (codes.SCORE_IN_SIGHT, verdict.score_visible),
        (codes.HEATMAP_IN_SIGHT, verdict.heatmap_visible),
        (codes.KEY_IMAGE, verdict.key_image),
    ):
        evaluations.append(_evaluation(name, codes.YES if holds else codes.NO))
    group = _group(source, "Reader", qualitative_evaluations=evaluations)
    if verdict.label and label is None:
        _say(group, verdict.label, codes.OWN_LABEL)
    for words in (
        _given_on(verdict),
        verdict.reason,
        verdict.note,
        f"{NOT_FOR_DIAGNOSIS}; not a signed report",
    ):
        if words:
            _say(group, words)
    person = PersonObserverIdentifyingAttributes(name=_person_name(verdict.reader))
    # Within this group the observer is another than the report's (PS3.16 TID 1001).
    group[0].ContentSequence[0:0] = list(ObserverContext(_concept(_PERSON), person))
    return group


def _say(group: Any, words: str, name: codes.Triple = codes.COMMENT) -> None:
    from highdicom.sr import RelationshipTypeValues, TextContentItem

    item = TextContentItem(_concept(name), printable(words), RelationshipTypeValues.CONTAINS)
    group[0].ContentSequence.append(item)


_PN_LENGTH = 64
"""Letters of one script of a name (PS3.5, 6.2)."""


def _person_name(reader: str) -> str:
    """A reader's name as a PN value: ``Family^Given`` where it is two words or more."""
    cleaned = printable(reader).replace("\\", " ").replace("=", " ").replace("^", " ").split()
    if not cleaned:
        return UNKNOWN_READER
    if len(cleaned) == 1:
        # highdicom warns of a name of one component; the second may be empty.
        return f"{cleaned[0][: _PN_LENGTH - 1]}^"
    family = cleaned[-1][: _PN_LENGTH - 1]
    return f"{family}^{' '.join(cleaned[:-1])}"[:_PN_LENGTH].rstrip()
