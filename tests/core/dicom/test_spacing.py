"""Where a pixel spacing holds (PS3.3 10.7.1): in the patient, at the detector, or not known."""

import pytest

from app.core.image.radiograph import PixelSpacing
from app.core.image.reader import read_radiograph

TWO = {"ImagerPixelSpacing": [0.2, 0.2]}


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        # 10.7.1.1: equal values have not been corrected, whatever the type says.
        ({**TWO, "PixelSpacing": [0.2, 0.2], "PixelSpacingCalibrationType": "GEOMETRY"},
         PixelSpacing(0.2, 0.2, "detector")),
        # Rounding is no calibration.
        ({**TWO, "PixelSpacing": [0.2004, 0.2004]}, PixelSpacing(0.2, 0.2, "detector")),
        ({**TWO, "PixelSpacing": [0.18, 0.18], "PixelSpacingCalibrationType": "GEOMETRY"},
         PixelSpacing(0.18, 0.18, "patient")),
        # The patient is between source and detector: nothing there is larger than its shadow.
        ({**TWO, "PixelSpacing": [0.4, 0.4]}, PixelSpacing(0.4, 0.4, "unknown")),
        ({"NominalScannedPixelSpacing": [0.2, 0.2], "PixelSpacing": [0.18, 0.18]},
         PixelSpacing(0.18, 0.18, "patient")),
        ({"NominalScannedPixelSpacing": [0.2, 0.2], "PixelSpacing": [0.2, 0.2]},
         PixelSpacing(0.2, 0.2, "detector")),
        # 10.7.1.1: alone, it cannot be determined.
        ({"PixelSpacing": [0.2, 0.2]}, PixelSpacing(0.2, 0.2, "unknown")),
        ({"PixelSpacing": [0.2, 0.2], "PixelSpacingCalibrationType": "GEOMETRY"},
         PixelSpacing(0.2, 0.2, "patient")),
        ({"PixelSpacing": [0.2, 0.2], "PixelSpacingCalibrationType": "GUESS"},
         PixelSpacing(0.2, 0.2, "unknown")),
        # The header's own estimate of the magnification.
        ({**TWO, "EstimatedRadiographicMagnificationFactor": 1.25},
         PixelSpacing(0.16, 0.16, "estimated")),
        ({**TWO, "PixelSpacing": [0.2, 0.2], "EstimatedRadiographicMagnificationFactor": 1.25},
         PixelSpacing(0.16, 0.16, "estimated")),
        # A calibration is better than an estimate.
        ({**TWO, "PixelSpacing": [0.18, 0.18], "EstimatedRadiographicMagnificationFactor": 1.25},
         PixelSpacing(0.18, 0.18, "patient")),
        ({**TWO, "EstimatedRadiographicMagnificationFactor": 1},
         PixelSpacing(0.2, 0.2, "detector")),
        ({**TWO, "EstimatedRadiographicMagnificationFactor": 0},
         PixelSpacing(0.2, 0.2, "detector")),
        ({**TWO, "EstimatedRadiographicMagnificationFactor": 110},
         PixelSpacing(0.2, 0.2, "detector")),
        # Rows and columns keep their places.
        ({"ImagerPixelSpacing": [0.1, 0.3]}, PixelSpacing(0.1, 0.3, "detector")),
    ],
)  # fmt: skip
def test_spacing_says_where_it_holds(dicom_factory, tags, expected):
    found = read_radiograph(dicom_factory(**tags)).spacing
    assert found.at == expected.at
    assert (found.row, found.column) == pytest.approx((expected.row, expected.column))
