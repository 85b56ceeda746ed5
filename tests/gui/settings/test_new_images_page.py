"""The settings page "New images": what is set for TLS is checked, kept and used."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess

import dcmtk
import pytest
from PySide6.QtWidgets import QDialogButtonBox

from app.network.config import load

BUTTONS = QDialogButtonBox.StandardButton


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    """A certificate for this computer, its key, and the key of another."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed (Debian: openssl)")
    folder = tmp_path_factory.mktemp("papers")
    for name in ("here", "other"):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
             "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
            capture_output=True, check=True,
        )  # fmt: skip
    return folder


def test_the_tls_fields_are_checked_kept_and_used(window, qtbot, papers):
    window.desk.show_settings("New images")
    dialog = window.desk.dialog
    page = dialog.pages[dialog.list.currentRow()]
    port = dcmtk.free_port()
    page.listen.setChecked(True)
    page.port.setValue(port)
    page.certificate.setText(str(papers / "here.pem"))
    page.key.setText(str(papers / "other.key"))
    dialog.buttons.button(BUTTONS.Ok).click()
    assert dialog.isVisible()
    assert "does not belong" in dialog.errors.text.text()
    assert load().listening.certificate == ""

    page.key.setText(f" {papers / 'here.key'} ")
    page.senders_ca.setText(str(papers / "other.pem"))
    dialog.buttons.button(BUTTONS.Ok).click()
    assert not dialog.isVisible()
    kept = load().listening
    assert (kept.certificate, kept.key, kept.senders_ca) == (
        str(papers / "here.pem"), str(papers / "here.key"), str(papers / "other.pem"),
    )  # fmt: skip
    qtbot.waitUntil(lambda: dcmtk.is_open(port), timeout=60_000)
    context = ssl.create_default_context(cafile=papers / "here.pem")
    context.load_cert_chain(papers / "other.pem", papers / "other.key")
    with (
        socket.create_connection(("localhost", port), 10) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as line,
    ):
        assert line.version() in ("TLSv1.2", "TLSv1.3")

    window.desk.show_settings("New images")
    assert page.certificate.text() == str(papers / "here.pem")
    assert page.senders_ca.text() == str(papers / "other.pem")
    page.listen.setChecked(False)
    for field in (page.certificate, page.key, page.senders_ca):
        field.clear()
    dialog.buttons.button(BUTTONS.Ok).click()
    assert load().listening.certificate == ""


def test_the_warning_of_an_open_line_follows_the_certificate(window):
    window.desk.show_settings("New images")
    page = window.desk.dialog.pages[window.desk.dialog.list.currentRow()]
    page.address.setEditText("0.0.0.0")
    assert "unencrypted" in page.warning.text()
    page.certificate.setText("here.pem")
    assert "unencrypted" not in page.warning.text()
    assert "can try to send" in page.warning.text()
