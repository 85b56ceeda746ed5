<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE" sourcelanguage="en">
    <context>
        <name>Opacity</name>
        <message>
            <location filename="../../app/core/base/ages.py" />
            <source>1 day</source>
            <translation>1 Tag</translation>
        </message>
        <message>
            <location filename="../../app/core/base/ages.py" />
            <source>Age worked out from the dates of birth and study</source>
            <translation>Alter aus Geburts- und Untersuchungsdatum berechnet</translation>
        </message>
        <message>
            <location filename="../../app/core/base/ages.py" />
            <source>The age in the header cannot be read</source>
            <translation>Das Alter im Header ist nicht lesbar</translation>
        </message>
        <message>
            <location filename="../../app/core/base/ages.py" />
            <source>The header gives the age without a unit; it was taken as years</source>
            <translation>Der Header nennt das Alter ohne Einheit; es wurde als Jahre genommen</translation>
        </message>
        <message>
            <location filename="../../app/core/base/ages.py" />
            <source>{age} years</source>
            <translation>{age} Jahre</translation>
        </message>
        <message>
            <location filename="../../app/core/base/ages.py" />
            <source>{days} days</source>
            <translation>{days} Tage</translation>
        </message>
        <message>
            <location filename="../../app/core/base/ages.py" />
            <source>{months} months</source>
            <translation>{months} Monate</translation>
        </message>
        <message>
            <location filename="../../app/core/base/counts.py" />
            <source>1 file</source>
            <translation>1 Datei</translation>
        </message>
        <message>
            <location filename="../../app/core/base/counts.py" />
            <source>1 image</source>
            <translation>1 Bild</translation>
        </message>
        <message>
            <location filename="../../app/core/base/counts.py" />
            <source>1 patient</source>
            <translation>1 Patient</translation>
        </message>
        <message>
            <location filename="../../app/core/base/counts.py" />
            <source>1 setting</source>
            <translation>1 Einstellung</translation>
        </message>
        <message>
            <location filename="../../app/core/base/counts.py" />
            <source>{count:,} files</source>
            <translation>{count:,} Dateien</translation>
        </message>
        <message>
            <location filename="../../app/core/base/counts.py" />
            <source>{count:,} images</source>
            <translation>{count:,} Bilder</translation>
        </message>
        <message>
            <location filename="../../app/core/base/counts.py" />
            <source>{count:,} patients</source>
            <translation>{count:,} Patienten</translation>
        </message>
        <message>
            <location filename="../../app/core/base/counts.py" />
            <source>{count:,} settings</source>
            <translation>{count:,} Einstellungen</translation>
        </message>
        <message>
            <location filename="../../app/core/base/json_text.py" />
            <source>it holds a number that is too large</source>
            <translation>sie enthält eine zu große Zahl</translation>
        </message>
        <message>
            <location filename="../../app/core/base/json_text.py" />
            <source>it holds more values than it can need</source>
            <translation>sie enthält mehr Werte, als sie brauchen kann</translation>
        </message>
        <message>
            <location filename="../../app/core/base/json_text.py" />
            <source>it nests too deep</source>
            <translation>sie ist zu tief verschachtelt</translation>
        </message>
        <message>
            <location filename="../../app/core/base/limits.py" />
            <location filename="../../app/review/export/source.py" />
            <source>At most 1 GB is taken for one file.</source>
            <translation>Für eine Datei wird höchstens 1 GB genommen.</translation>
        </message>
        <message>
            <location filename="../../app/core/base/limits.py" />
            <source>Export it at a lower resolution, or check that it is the right file.</source>
            <translation>Mit geringerer Auflösung exportieren oder prüfen, ob es die richtige Datei ist.</translation>
        </message>
        <message>
            <location filename="../../app/core/base/limits.py" />
            <source>The file needs more than 1 GB of memory.</source>
            <translation>Die Datei braucht mehr als 1 GB Speicher.</translation>
        </message>
        <message>
            <location filename="../../app/core/base/limits.py" />
            <location filename="../../app/review/export/source.py" />
            <source>{path} needs more than 1 GB of memory.</source>
            <translation>{path} braucht mehr als 1 GB Speicher.</translation>
        </message>
        <message>
            <location filename="../../app/core/base/outputs.py" />
            <source>A folder that exists, can be written and has room was expected.</source>
            <translation>Erwartet wurde ein vorhandener, beschreibbarer Ordner mit freiem Platz.</translation>
        </message>
        <message>
            <location filename="../../app/core/base/outputs.py" />
            <source>Choose another place for them.</source>
            <translation>Wählen Sie einen anderen Ort dafür.</translation>
        </message>
        <message>
            <location filename="../../app/core/base/outputs.py" />
            <source>Free disk space, close the file elsewhere, or choose another place.</source>
            <translation>Schaffen Sie Platz, schließen Sie die Datei anderswo, oder wählen Sie einen anderen Ort.</translation>
        </message>
        <message>
            <location filename="../../app/core/base/outputs.py" />
            <source>Results are never written into a folder of images, nor over an image.</source>
            <translation>Ergebnisse werden nie in einen Ordner mit Bildern und nie über ein Bild geschrieben.</translation>
        </message>
        <message>
            <location filename="../../app/core/base/outputs.py" />
            <source>{output} is {name}, which is being read.</source>
            <translation>{output} ist {name} und wird gerade gelesen.</translation>
        </message>
        <message>
            <location filename="../../app/core/base/outputs.py" />
            <source>{output} lies in {name}, which is being read.</source>
            <translation>{output} liegt in {name}, woraus gerade gelesen wird.</translation>
        </message>
        <message>
            <location filename="../../app/core/base/outputs.py" />
            <source>{path} could not be written: {reason}.</source>
            <translation>{path} konnte nicht geschrieben werden: {reason}.</translation>
        </message>
        <message>
            <location filename="../../app/core/base/worker_io.py" />
            <source>A training or a sweep runs to its end, or says what is wrong.</source>
            <translation>Ein Training oder Sweep läuft bis zum Ende oder sagt, was nicht stimmt.</translation>
        </message>
        <message>
            <location filename="../../app/core/base/worker_io.py" />
            <source>It failed unexpectedly: {said}.</source>
            <translation>Unerwartet gescheitert: {said}.</translation>
        </message>
        <message>
            <location filename="../../app/core/base/worker_io.py" />
            <source>The log has the details.</source>
            <translation>Das Protokoll hat die Einzelheiten.</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/bits.py" />
            <source>Sign taken from the highest bit stored</source>
            <translation>Vorzeichen aus dem höchsten gespeicherten Bit</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/bits.py" />
            <source>The frame has {has} bits a value, the header says {said}</source>
            <translation>Die Bilddaten haben {has} Bits je Wert, der Header sagt {said}</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/bits.py" />
            <source>The header says {said} bits a value, but the image has {has}: all of them were used</source>
            <translation>Der Header sagt {said} Bits je Wert, das Bild hat aber {has}: Alle wurden verwendet</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/bits.py" />
            <source>The image has more bits a value than the header says: all of them were used</source>
            <translation>Das Bild hat mehr Bits je Wert, als der Header sagt: alle wurden genommen</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/bits.py" />
            <source>Values beyond {bits} bits clipped (lossy compression)</source>
            <translation>Werte jenseits von {bits} Bits abgeschnitten (verlustbehaftete Kompression)</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/decoders.py" />
            <source>Bytes after the compressed frame's end left out</source>
            <translation>Bytes nach dem Ende der komprimierten Bilddaten weggelassen</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/decoders.py" />
            <source>Decoded by GDCM: the usual decoder refused the frame</source>
            <translation>Von GDCM dekodiert: Der übliche Decoder wies das Bild ab</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/decoders.py" />
            <source>The compressed frame is {name}, whatever the header says</source>
            <translation>Das komprimierte Bild ist {name}, was auch immer der Header sagt</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/film.py" />
            <source>A frame must fit beside the program.</source>
            <translation>Ein Einzelbild muss neben das Programm passen.</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/film.py" />
            <location filename="../../app/core/image/reader.py" />
            <source>A whole PNG, JPEG, TIFF or DICOM file was expected.</source>
            <translation>Erwartet wurde eine vollständige PNG-, JPEG-, TIFF- oder DICOM-Datei.</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/film.py" />
            <source>Check the drive or the network, and choose the image again.</source>
            <translation>Prüfen Sie das Laufwerk oder das Netzwerk, und wählen Sie das Bild noch einmal.</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/film.py" />
            <source>Choose the image again.</source>
            <translation>Wählen Sie das Bild noch einmal.</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/film.py" />
            <source>Close other programs, or open a smaller copy.</source>
            <translation>Schließen Sie andere Programme, oder öffnen Sie eine kleinere Kopie.</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/film.py" />
            <source>Close other programs.</source>
            <translation>Schließen Sie andere Programme.</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/film.py" />
            <location filename="../../app/core/image/raster_common.py" />
            <location filename="../../app/core/image/reader.py" />
            <source>Export or copy it again from its source.</source>
            <translation>Exportieren oder kopieren Sie sie noch einmal von ihrer Quelle.</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/film.py" />
            <location filename="../../app/jobs/latest.py" />
            <location filename="../../app/review/audit/answering.py" />
            <source>It failed: {reason}.</source>
            <translation>Gescheitert: {reason}.</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/film.py" />
            <source>It was expected as it was.</source>
            <translation>Erwartet wurde sie, wie sie war.</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/film.py" />
            <source>It was expected where it was found.</source>
            <translation>Sie wurde dort erwartet, wo sie gefunden worden war.</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/film.py" />
            <source>Its pixels must fit beside the program.</source>
            <translation>Seine Pixel müssen neben das Programm passen.</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/film.py" />
            <source>The file cannot be read any more.</source>
            <translation>Die Datei ist nicht mehr lesbar.</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/film.py" />
            <source>The file cannot be read any more: {why}.</source>
            <translation>Die Datei lässt sich nicht mehr lesen: {why}.</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/film.py" />
            <source>The file has changed since its image was opened.</source>
            <translation>Die Datei hat sich geändert, seit ihr Bild geöffnet wurde.</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/film.py" />
            <source>The frame needs more memory than there is.</source>
            <translation>Das Einzelbild braucht mehr Speicher, als da ist.</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/film.py" />
            <source>The image does not fit into memory.</source>
            <translation>Das Bild passt nicht in den Speicher.</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/image.py" />
            <source>A wrong length of the meta information passed over</source>
            <translation>Falsche Länge der Metainformation übergangen</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/image.py" />
            <location filename="../../app/core/image/reader.py" />
            <source>An image file was expected.</source>
            <translation>Erwartet wurde eine Bilddatei.</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/image.py" />
            <source>An object with Rows, Columns and Pixel Data was expected.</source>
            <translation>Erwartet wurde ein Objekt mit Rows, Columns und Pixel Data.</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/image.py" />
            <source>Choose the image itself; reports and plans cannot be shown.</source>
            <translation>Wählen Sie das Bild selbst; Berichte und Pläne können nicht gezeigt werden.</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/image.py" />
            <source>Export it again as an uncompressed DICOM, or as JPEG Lossless or JPEG 2000.</source>
            <translation>Exportieren Sie es noch einmal als unkomprimiertes DICOM, oder als JPEG Lossless oder JPEG 2000.</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/image.py" />
            <source>First of {frames} frames</source>
            <translation>Erstes von {frames} Einzelbildern</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/image.py" />
            <source>Frame {number} of {frames}</source>
            <translation>Einzelbild {number} von {frames}</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/image.py" />
            <source>It is a DICOM file without an image.</source>
            <translation>Es ist eine DICOM-Datei ohne Bild.</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/image.py" />
            <source>It is a DICOMDIR, the table of contents of a disc.</source>
            <translation>Es ist ein DICOMDIR, das Inhaltsverzeichnis einer Disc.</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/image.py" />
            <source>Open the folder that it lies in.</source>
            <translation>Öffnen Sie den Ordner, in dem es liegt.</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/image.py" />
            <source>Padding shown black</source>
            <translation>Auffüllung schwarz gezeigt</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/image.py" />
            <source>Palette resolved</source>
            <translation>Palette aufgelöst</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/image.py" />
            <source>Read DICOM, {name}</source>
            <translation>DICOM gelesen, {name}</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/image.py" />
            <source>Shown inverted (MONOCHROME1)</source>
            <translation>Invertiert gezeigt (MONOCHROME1)</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/image.py" />
            <source>The file holds more pixel data than its header says: rows may be missing, or the image may be sheared</source>
            <translation>Die Datei enthält mehr Pixeldaten, als ihr Kopf sagt: Zeilen können fehlen, oder das Bild kann verschoben sein</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/image.py" />
            <source>The image is raw detector data (For Processing), not made for display; its grey values may be unlike a radiograph's</source>
            <translation>Das Bild sind rohe Detektordaten (For Processing), nicht zum Betrachten gemacht; seine Grauwerte können anders sein als die eines Röntgenbildes</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/image.py" />
            <source>The transfer syntax is not supported ({name}).</source>
            <translation>Die Transfersyntax wird nicht unterstützt ({name}).</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/image.py" />
            <source>Uncompressed values, JPEG, JPEG Lossless, JPEG-LS, JPEG 2000 or RLE were expected.</source>
            <translation>Erwartet wurden unkomprimierte Werte, JPEG, JPEG Lossless, JPEG-LS, JPEG 2000 oder RLE.</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/image.py" />
            <source>frame {number} of {frames} cannot be decoded ({name})</source>
            <translation>Einzelbild {number} von {frames} lässt sich nicht dekodieren ({name})</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/image.py" />
            <source>its header cannot be read</source>
            <translation>sein Header lässt sich nicht lesen</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/image.py" />
            <source>its pixel data cannot be decoded ({name})</source>
            <translation>seine Pixeldaten lassen sich nicht dekodieren ({name})</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/image.py" />
            <source>{path} is a DICOM file without an image.</source>
            <translation>{path} ist eine DICOM-Datei ohne Bild.</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/image.py" />
            <source>{path} is a DICOMDIR, the table of contents of a disc.</source>
            <translation>{path} ist ein DICOMDIR, das Inhaltsverzeichnis eines Datenträgers.</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/image.py" />
            <source>{path} is stored in a transfer syntax that is not supported ({name}).</source>
            <translation>{path} ist in einer Transfersyntax gespeichert, die nicht unterstützt wird ({name}).</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/luts.py" />
            <source>{name} has other entries than its descriptor says</source>
            <translation>{name} hat andere Einträge, als ihr Deskriptor sagt</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/luts.py" />
            <source>{name} has {count} entries, its descriptor says {said}</source>
            <translation>{name} hat {count} Einträge, ihr Deskriptor nennt {said}</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/luts.py" />
            <source>{name} taken with {used} bits an entry, its descriptor says {bits}</source>
            <translation>{name} mit {used} Bit je Eintrag gelesen, ihr Deskriptor nennt {bits}</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/orientation.py" />
            <source>Set upright for the network (PatientOrientation {said})</source>
            <translation>Für das Netz aufgerichtet (PatientOrientation {said})</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/orientation.py" />
            <source>The picture is mirrored, says its header (PatientOrientation {said}): it was mirrored back for the score, and is shown as it is stored</source>
            <translation>Das Bild ist laut Header gespiegelt (PatientOrientation {said}): Für den Score wurde es zurückgespiegelt, gezeigt wird es, wie es gespeichert ist</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/orientation.py" />
            <source>The picture is mirrored, says its header: it was mirrored back for the score</source>
            <translation>Das Bild ist laut Header gespiegelt: für den Score wurde es zurückgespiegelt</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/orientation.py" />
            <source>The picture is turned and mirrored, says its header (PatientOrientation {said}): it was set upright for the score, and is shown as it is stored</source>
            <translation>Das Bild ist laut Header gedreht und gespiegelt (PatientOrientation {said}): Für den Score wurde es aufgerichtet, gezeigt wird es, wie es gespeichert ist</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/orientation.py" />
            <source>The picture is turned and mirrored, says its header: it was set upright for the score</source>
            <translation>Das Bild ist laut Header gedreht und gespiegelt: für den Score wurde es aufgerichtet</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/orientation.py" />
            <source>The picture is turned or mirrored, says its header (PatientOrientation {said}), which was not done: look at the marker</source>
            <translation>Das Bild ist laut Header gedreht oder gespiegelt (PatientOrientation {said}), was nicht ausgeglichen wurde: Achten Sie auf die Seitenmarke</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/orientation.py" />
            <source>The picture is turned or mirrored, says its header: look at the marker</source>
            <translation>Das Bild ist laut Header gedreht oder gespiegelt: achten Sie auf die Seitenmarke</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/orientation.py" />
            <source>The picture is turned, says its header (PatientOrientation {said}): it was set upright for the score, and is shown as it is stored</source>
            <translation>Das Bild ist laut Header gedreht (PatientOrientation {said}): Für den Score wurde es aufgerichtet, gezeigt wird es, wie es gespeichert ist</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/orientation.py" />
            <source>The picture is turned, says its header: it was set upright for the score</source>
            <translation>Das Bild ist laut Header gedreht: für den Score wurde es aufgerichtet</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/overlays.py" />
            <source>An overlay could not be read and is not shown</source>
            <translation>Ein Overlay konnte nicht gelesen werden und wird nicht gezeigt</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/parse.py" />
            <source>Elements of an unknown kind (VR) passed over</source>
            <translation>Elemente unbekannter Art (VR) übergangen</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/polarity.py" />
            <source>The header contradicts itself about which end is bright ({photometric}, PresentationLUTShape {shape}): look whether bone is white</source>
            <translation>Der Header widerspricht sich darin, welches Ende hell ist ({photometric}, PresentationLUTShape {shape}): prüfen Sie, ob Knochen weiß sind</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/polarity.py" />
            <source>The header contradicts itself about which end is bright: look whether bone is white</source>
            <translation>Der Header widerspricht sich darüber, welches Ende hell ist: sehen Sie nach, ob Knochen weiß ist</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/shutter.py" />
            <source>Display shutter applied ({shapes})</source>
            <translation>Blende angewendet ({shapes})</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/shutter.py" />
            <source>The header's display shutter ({name}) cannot be read and was not applied</source>
            <translation>Die Blende des Headers ({name}) ist nicht lesbar und wurde nicht angewendet</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/shutter.py" />
            <source>The header's display shutter cannot be read and was not applied</source>
            <translation>Die Blende des Headers ist nicht lesbar und wurde nicht angewendet</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/shutter.py" />
            <source>The header's display shutter would hide nearly all of the image and was not applied</source>
            <translation>Die Blende des Headers würde fast das ganze Bild verdecken und wurde nicht angewendet</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/tags.py" />
            <source>1 item</source>
            <translation>1 Eintrag</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/tags.py" />
            <source>A DICOM, PNG, JPEG or TIFF file was expected.</source>
            <translation>Erwartet wurde eine DICOM-, PNG-, JPEG- oder TIFF-Datei.</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/tags.py" />
            <source>Check that the file is still there and whole.</source>
            <translation>Prüfen Sie, ob die Datei noch da und vollständig ist.</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/tags.py" />
            <source>Format</source>
            <translation>Format</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/tags.py" />
            <location filename="../../app/training/data/findings_text.py" />
            <source>Height</source>
            <translation>Höhe</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/tags.py" />
            <source>Item {number}</source>
            <translation>Eintrag {number}</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/tags.py" />
            <source>Mode</source>
            <translation>Modus</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/tags.py" />
            <source>Pixel Data</source>
            <translation>Pixeldaten</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/tags.py" />
            <source>The header of the file cannot be read.</source>
            <translation>Der Header der Datei ist nicht lesbar.</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/tags.py" />
            <source>The header of {path} cannot be read ({kind}).</source>
            <translation>Der Header von {path} kann nicht gelesen werden ({kind}).</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/tags.py" />
            <location filename="../../app/gui/viewer/window_panel.py" />
            <location filename="../../app/training/data/findings_text.py" />
            <source>Width</source>
            <translation>Breite</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/tags.py" />
            <location filename="../../app/gui/audit/tile.py" />
            <source>cannot be read</source>
            <translation>nicht lesbar</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/tags.py" />
            <source>not read</source>
            <translation>nicht gelesen</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/tags.py" />
            <source>{count} bytes</source>
            <translation>{count} Bytes</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/tags.py" />
            <source>{count} bytes: {start}</source>
            <translation>{count} Bytes: {start}</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/tags.py" />
            <source>{count} items</source>
            <translation>{count} Einträge</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/tags.py" />
            <source>{count} items, the first {shown} shown</source>
            <translation>{count} Einträge, die ersten {shown} gezeigt</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/values.py" />
            <source>Modality LUT</source>
            <translation>Modality LUT</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/values.py" />
            <source>Modality LUT not used: in RF and XA images it is not for display</source>
            <translation>Modality-LUT nicht verwendet: In RF- und XA-Bildern dient sie nicht der Anzeige</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/values.py" />
            <source>Rescaled: value × {slope:g} + {intercept:g}</source>
            <translation>Reskaliert: Wert × {slope:g} + {intercept:g}</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/values.py" />
            <source>The header's Modality LUT cannot be used and was left out</source>
            <translation>Die Modality-LUT des Headers ist unbrauchbar und wurde ausgelassen</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/values.py" />
            <source>Values taken from the upper bits (HighBit {highbit})</source>
            <translation>Werte aus den oberen Bits genommen (HighBit {highbit})</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/windows.py" />
            <source>Header's {what} not used: a window from the 0.5th to 99.5th percentile</source>
            <translation>{what} aus dem Header nicht verwendet: ein Fenster vom 0,5. bis zum 99,5. Perzentil</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/windows.py" />
            <source>The header's {what} would show nearly all of the image black or white; a window from its grey values was used</source>
            <translation>{what} aus dem Header würde fast das ganze Bild schwarz oder weiß zeigen; verwendet wurde ein Fenster aus seinen Grauwerten</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/windows.py" />
            <source>VOI LUT</source>
            <translation>VOI LUT</translation>
        </message>
        <message>
            <location filename="../../app/core/dicom/windows.py" />
            <source>window</source>
            <translation>Fenster</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>How unlike the training images the image is cannot be told: the network's features of it are no finite numbers, so its score cannot be trusted</source>
            <translation>Wie unähnlich das Bild den Trainingsbildern ist, lässt sich nicht sagen: Die Merkmale, die das Netz darin findet, sind keine endlichen Zahlen, also ist dem Score nicht zu trauen</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>Modality {modality} is not a radiograph</source>
            <translation>Modality {modality} ist kein Röntgenbild</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>Modality {modality} is not a radiograph ({modalities})</source>
            <translation>Modality {modality} ist kein Röntgenbild ({modalities})</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The body part is not the chest</source>
            <translation>Die Körperregion ist nicht der Thorax</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The body part is {said}, not the chest</source>
            <translation>Die Körperregion ist {said}, nicht der Thorax</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The bright greys are cut off inside the body ({white:.0%} of its middle is pure white): wrongly exposed or wrongly windowed</source>
            <translation>Die hellen Grauwerte sind im Körper abgeschnitten ({white:.0%} seiner Mitte sind rein weiß): falsch belichtet oder falsch gefenstert</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The bright greys are cut off inside the body: wrongly exposed or wrongly windowed</source>
            <translation>Die hellen Grauwerte sind im Körper abgeschnitten: falsch belichtet oder falsch gefenstert</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The dark greys are cut off inside the body ({black:.0%} of its middle is pure black): wrongly exposed or wrongly windowed</source>
            <translation>Die dunklen Grauwerte sind im Körper abgeschnitten ({black:.0%} seiner Mitte sind rein schwarz): falsch belichtet oder falsch gefenstert</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The dark greys are cut off inside the body: wrongly exposed or wrongly windowed</source>
            <translation>Die dunklen Grauwerte sind im Körper abgeschnitten: falsch belichtet oder falsch gefenstert</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The file holds several frames, not a single radiograph</source>
            <translation>Die Datei enthält mehrere Einzelbilder, nicht ein einziges Röntgenbild</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The file holds {frames} frames, not a single radiograph</source>
            <translation>Die Datei enthält {frames} Einzelbilder, nicht ein einzelnes Röntgenbild</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The greys are cut off: next to nothing of the body is left</source>
            <translation>Die Grauwerte sind abgeschnitten: vom Körper ist fast nichts übrig</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The greys are cut off: next to nothing of the body is left (its middle is {black:.0%} pure black, {white:.0%} pure white)</source>
            <translation>Die Grauwerte sind abgeschnitten: vom Körper ist fast nichts übrig (seine Mitte ist zu {black:.0%} rein schwarz, zu {white:.0%} rein weiß)</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The header does not name the body part</source>
            <translation>Der Header nennt die Körperregion nicht</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The header does not name the body part ({said})</source>
            <translation>Der Header nennt die Körperregion nicht ({said})</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The header does not say that this is a radiograph (no Modality)</source>
            <translation>Der Header sagt nicht, dass dies ein Röntgenbild ist (keine Modality)</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The header's descriptions name another part of the body beside the chest</source>
            <translation>Die Beschreibungen im Header nennen neben dem Thorax eine andere Körperregion</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The header's descriptions name another part of the body, not the chest</source>
            <translation>Die Beschreibungen im Header nennen eine andere Körperregion, nicht den Thorax</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The header's descriptions name {other} beside the chest</source>
            <translation>Die Beschreibungen im Header nennen {other} neben dem Thorax</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The header's descriptions name {other}, not the chest</source>
            <translation>Die Beschreibungen im Header nennen {other}, nicht den Thorax</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The image has fewer different greys than usual</source>
            <translation>Das Bild hat weniger verschiedene Graustufen als üblich</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The image has only {columns} × {rows} pixels; at least {min_side} a side are needed</source>
            <translation>Das Bild hat nur {columns} × {rows} Pixel; mindestens {min_side} je Seite sind nötig</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The image has only {levels} different greys, fewer than usual</source>
            <translation>Das Bild hat nur {levels} verschiedene Graustufen, weniger als üblich</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The image has only {levels} different greys, too few for a radiograph</source>
            <translation>Das Bild hat nur {levels} verschiedene Grauwerte, zu wenige für ein Röntgenbild</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The image has too few different greys for a radiograph</source>
            <translation>Das Bild hat zu wenige verschiedene Grauwerte für ein Röntgenbild</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The image has too few pixels</source>
            <translation>Das Bild hat zu wenige Pixel</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The image is blank: nearly all of it has the same grey value</source>
            <translation>Das Bild ist leer: fast alles hat denselben Grauwert</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The image is in colour, which a radiograph is not</source>
            <translation>Das Bild ist farbig, was ein Röntgenbild nicht ist</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The image is unlike the chest X-rays that the network learnt from ({times:.1f} times the usual limit): it may be no chest X-ray</source>
            <translation>Das Bild ist den Thorax-Röntgenbildern unähnlich, an denen das Netz gelernt hat (das {times:.1f}-Fache der üblichen Grenze): es ist vielleicht keines</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The image is unlike the chest X-rays that the network learnt from: it may be no chest X-ray</source>
            <translation>Das Bild ist den Thorax-Röntgenbildern unähnlich, an denen das Netz gelernt hat: es ist vielleicht keines</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The image is unlike the training images</source>
            <translation>Das Bild ist den Trainingsbildern unähnlich</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The image is unlike the training images ({times:.2f} times the usual limit)</source>
            <translation>Das Bild ist den Trainingsbildern unähnlich (das {times:.2f}-Fache der üblichen Grenze)</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The image shows more than the chest</source>
            <translation>Das Bild zeigt mehr als den Thorax</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The image shows more than the chest ({said})</source>
            <translation>Das Bild zeigt mehr als den Thorax ({said})</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The patient is {age} old; the network was trained on patients of {youngest:g} to {oldest:g} years</source>
            <translation>Der Patient ist {age} alt; das Netz wurde an Patienten von {youngest:g} bis {oldest:g} Jahren trainiert</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>The patient's age is not that of the patients whom the network was trained on</source>
            <translation>Das Alter des Patienten ist nicht das der Patienten, an denen das Netz trainiert wurde</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>There is text over the lungs, burned into the picture</source>
            <translation>Über den Lungen steht Text, der in das Bild eingebrannt ist</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>computed radiography</source>
            <translation>Speicherfolien-Radiographie</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>digital radiography</source>
            <translation>digitale Radiographie</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/rules.py" />
            <source>radiographic imaging (film)</source>
            <translation>Film-Radiographie</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/view.py" />
            <source>The header is not clear about the view</source>
            <translation>Der Header ist über die Aufnahmerichtung nicht eindeutig</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/view.py" />
            <source>The header is not clear about the view ({said})</source>
            <translation>Der Header ist über die Aufnahmerichtung nicht eindeutig ({said})</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/view.py" />
            <source>The view is a decubitus ({view}), not a frontal view</source>
            <translation>Die Aufnahme ist in Seitenlage ({view}), keine frontale Aufnahme</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/view.py" />
            <source>The view is a decubitus, not a frontal view</source>
            <translation>Die Aufnahme ist in Seitenlage, keine frontale Aufnahme</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/view.py" />
            <source>The view is lateral ({view}), not a frontal view</source>
            <translation>Die Aufnahme ist seitlich ({view}), keine frontale Aufnahme</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/view.py" />
            <source>The view is lateral, not a frontal view</source>
            <translation>Die Aufnahme ist seitlich, keine frontale Aufnahme</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/view.py" />
            <source>The view is oblique ({view}), not a frontal view</source>
            <translation>Die Aufnahme ist schräg ({view}), keine frontale Aufnahme</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/view.py" />
            <source>The view is oblique, not a frontal view</source>
            <translation>Die Aufnahme ist schräg, keine frontale Aufnahme</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/view.py" />
            <source>decubitus</source>
            <translation>Seitenlage</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/view.py" />
            <source>frontal</source>
            <translation>frontal</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/view.py" />
            <source>lateral</source>
            <translation>seitlich</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/view.py" />
            <source>not frontal alone</source>
            <translation>nicht nur frontal</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/view.py" />
            <source>oblique</source>
            <translation>schräg</translation>
        </message>
        <message>
            <location filename="../../app/core/gate/view.py" />
            <source>{keyword} {said}</source>
            <translation>{keyword} {said}</translation>
        </message>
        <message>
            <location filename="../../app/core/image/heatmap_paint.py" />
            <source>Evidence for pneumonia, share of the model's full scale</source>
            <translation>Hinweis auf Pneumonie, Anteil am Vollausschlag des Modells</translation>
        </message>
        <message>
            <location filename="../../app/core/image/heatmap_paint.py" />
            <source>Evidence toward normal, share of the model's full scale</source>
            <translation>Hinweise auf normal, Anteil an der vollen Skala des Modells</translation>
        </message>
        <message>
            <location filename="../../app/core/image/heatmap_paint.py" />
            <source>The heatmap is empty. That does not exclude pneumonia.</source>
            <translation>Die Heatmap ist leer. Das schließt eine Pneumonie nicht aus.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/heatmap_paint.py" />
            <source>The heatmap stays below 20 % of the model's full scale: nothing is drawn. That does not exclude pneumonia.</source>
            <translation>Die Heatmap bleibt unter 20 % der vollen Skala des Modells: Nichts wird gezeichnet. Das schließt eine Pneumonie nicht aus.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/heatmap_paint.py" />
            <source>The heatmap toward normal is empty. That does not prove pneumonia.</source>
            <translation>Die Heatmap in Richtung normal ist leer. Das beweist keine Pneumonie.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/jpeg_whole.py" />
            <source>its compressed data go on after its last row</source>
            <translation>die komprimierten Daten gehen nach der letzten Zeile weiter</translation>
        </message>
        <message>
            <location filename="../../app/core/image/jpeg_whole.py" />
            <source>the picture's data end before its last row</source>
            <translation>die Bilddaten enden vor der letzten Zeile</translation>
        </message>
        <message>
            <location filename="../../app/core/image/missing.py" />
            <source>A part of the image may be missing</source>
            <translation>Ein Teil des Bildes fehlt vielleicht</translation>
        </message>
        <message>
            <location filename="../../app/core/image/missing.py" />
            <source>A part of the image may be missing: {what}</source>
            <translation>Ein Teil des Bildes fehlt vielleicht: {what}</translation>
        </message>
        <message>
            <location filename="../../app/core/image/missing.py" />
            <source>a band of {share:.0%} in it is one single value</source>
            <translation>ein Streifen von {share:.0%} darin ist ein einziger Wert</translation>
        </message>
        <message>
            <location filename="../../app/core/image/missing.py" />
            <source>its first {share:.0%} are one single value</source>
            <translation>seine ersten {share:.0%} sind ein einziger Wert</translation>
        </message>
        <message>
            <location filename="../../app/core/image/missing.py" />
            <source>its last {share:.0%} are one single value</source>
            <translation>seine letzten {share:.0%} sind ein einziger Wert</translation>
        </message>
        <message>
            <location filename="../../app/core/image/preprocess.py" />
            <source>Grey values scaled, 0.5th to 99.5th percentile</source>
            <translation>Grauwerte skaliert, 0,5. bis 99,5. Perzentil</translation>
        </message>
        <message>
            <location filename="../../app/core/image/preprocess.py" />
            <source>Resampled to {input_size} x {input_size}, the network's input</source>
            <translation>Auf {input_size} x {input_size} umgerechnet, den Eingang des Netzes</translation>
        </message>
        <message>
            <location filename="../../app/core/image/preprocess.py" />
            <source>Smoothed against JPEG grain ({pixels} pixels)</source>
            <translation>Gegen JPEG-Körnung geglättet ({pixels} Pixel)</translation>
        </message>
        <message>
            <location filename="../../app/core/image/preprocess.py" />
            <source>Stretched to {side} x {side}, aspect ratio not kept</source>
            <translation>Auf {side} x {side} gestreckt, Seitenverhältnis nicht erhalten</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster.py" />
            <source>Read {kind}, {number} bits</source>
            <translation>{kind} gelesen, {number} Bit</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster.py" />
            <source>The file asks to be turned or mirrored (orientation {number}), which was not done: look whether the image is upright</source>
            <translation>Die Datei verlangt, gedreht oder gespiegelt zu werden (Orientierung {number}); das wurde nicht getan: nachsehen, ob das Bild aufrecht steht</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster.py" />
            <source>The file asks to be turned or mirrored, which was not done: look whether the image is upright</source>
            <translation>Die Datei verlangt, gedreht oder gespiegelt zu werden; das geschah nicht: sehen Sie nach, ob das Bild aufrecht ist</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster.py" />
            <source>a check sum does not match</source>
            <translation>eine Prüfsumme stimmt nicht</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster.py" />
            <source>a part of its data is missing</source>
            <translation>ein Teil der Daten fehlt</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster.py" />
            <source>it does not begin with its header</source>
            <translation>sie beginnt nicht mit ihrem Kopf</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster.py" />
            <source>it has more parts than a picture</source>
            <translation>sie hat mehr Teile als ein Bild</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster.py" />
            <source>its colour mode {mode} is not known</source>
            <translation>ihr Farbmodus {mode} ist nicht bekannt</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster.py" />
            <source>its data cannot be decoded</source>
            <translation>ihre Daten lassen sich nicht dekodieren</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster.py" />
            <source>the file ends before the picture does</source>
            <translation>die Datei endet vor dem Bild</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster_common.py" />
            <source>A whole image in the form that its header tells was expected.</source>
            <translation>Erwartet wurde ein ganzes Bild in der Form, die der Header nennt.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster_common.py" />
            <source>A whole {kind} file was expected.</source>
            <translation>Erwartet wurde eine vollständige {kind}-Datei.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster_common.py" />
            <source>An image of its size takes a second or two.</source>
            <translation>Ein Bild dieser Größe braucht ein, zwei Sekunden.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster_common.py" />
            <source>At most {most} MB of values are read, so that no file takes more than 1 GB of memory; colour and 16 bits need more than grey and 8.</source>
            <translation>Höchstens {most} MB an Werten werden gelesen, damit keine Datei mehr als 1 GB Speicher braucht; Farbe und 16 Bit brauchen mehr als Grau und 8.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster_common.py" />
            <source>At most {most} million pixels are read.</source>
            <translation>Höchstens {most} Millionen Pixel werden gelesen.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster_common.py" />
            <source>Close other programs and try again; start Opacity anew if it stays so.</source>
            <translation>Andere Programme schließen und erneut versuchen; bleibt es so, Opacity neu starten.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster_common.py" />
            <source>Compressed images are decoded in a process of their own, which Opacity starts.</source>
            <translation>Komprimierte Bilder werden in einem eigenen Prozess dekodiert, den Opacity startet.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster_common.py" />
            <source>Export it again as PNG, as a plain TIFF of 8 or 16 bits, or as DICOM.</source>
            <translation>Noch einmal als PNG, als einfaches TIFF mit 8 oder 16 Bit oder als DICOM exportieren.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster_common.py" />
            <location filename="../../app/core/image/reader.py" />
            <source>Export it at a lower resolution.</source>
            <translation>Exportieren Sie es in geringerer Auflösung.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster_common.py" />
            <source>Export or copy it again from its source, uncompressed if there is the choice.</source>
            <translation>Noch einmal aus der Quelle exportieren oder kopieren, möglichst unkomprimiert.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster_common.py" />
            <source>Grey values in 8 or 16 bits, uncompressed or in a common compression, were expected.</source>
            <translation>Erwartet wurden Grauwerte mit 8 oder 16 Bit, unkomprimiert oder in einer üblichen Kompression.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster_common.py" />
            <source>Luminance taken from the colour channels</source>
            <translation>Luminanz aus den Farbkanälen genommen</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster_common.py" />
            <source>The file is damaged or incomplete.</source>
            <translation>Die Datei ist beschädigt oder unvollständig.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster_common.py" />
            <source>The file is of a kind that is not read ({form}).</source>
            <translation>Die Datei ist von einer Art, die nicht gelesen wird ({form}).</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster_common.py" />
            <source>The file made its decoder crash.</source>
            <translation>Die Datei hat ihren Dekoder zum Absturz gebracht.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster_common.py" />
            <source>The file takes too long to decode.</source>
            <translation>Die Datei braucht zu lange zum Dekodieren.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster_common.py" />
            <source>The image is too large.</source>
            <translation>Das Bild ist zu groß.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster_common.py" />
            <source>The process that decodes the file cannot be started.</source>
            <translation>Der Prozess, der die Datei dekodiert, lässt sich nicht starten.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster_common.py" />
            <source>Transparent parts laid over black</source>
            <translation>Durchsichtige Teile schwarz hinterlegt</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster_common.py" />
            <source>its size is {width} × {height} pixels</source>
            <translation>seine Größe ist {width} × {height} Pixel</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster_common.py" />
            <source>lossless</source>
            <translation>verlustfrei</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster_common.py" />
            <source>lossless, {bits} bits</source>
            <translation>verlustfrei, {bits} Bit</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster_common.py" />
            <source>{bits} bits a channel</source>
            <translation>{bits} Bit je Kanal</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster_common.py" />
            <source>{path} is a {kind} file of a kind that is not read ({form}).</source>
            <translation>{path} ist eine {kind}-Datei einer Art, die nicht gelesen wird ({form}).</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster_common.py" />
            <source>{path} is damaged or incomplete: {why}.</source>
            <translation>{path} ist beschädigt oder unvollständig: {why}.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster_common.py" />
            <source>{path} is too large: {width:,} × {height:,} pixels.</source>
            <translation>{path} ist zu groß: {width:,} × {height:,} Pixel.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster_common.py" />
            <source>{path} made its decoder crash. Nothing else is affected.</source>
            <translation>{path} hat den Dekoder abstürzen lassen. Sonst ist nichts betroffen.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster_common.py" />
            <source>{path} was given up after {number} s of decoding.</source>
            <translation>{path} wurde nach {number} s Dekodieren aufgegeben.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/raster_common.py" />
            <source>{path}: the process that decodes it cannot be started.</source>
            <translation>{path}: Der Prozess, der sie dekodiert, lässt sich nicht starten.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>A PNG, JPEG, TIFF or DICOM file was expected, whatever its suffix.</source>
            <translation>Erwartet wurde eine PNG-, JPEG-, TIFF- oder DICOM-Datei, welche Endung sie auch hat.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>A PNG, JPEG, TIFF or DICOM file was expected.</source>
            <translation>Erwartet wurde eine PNG-, JPEG-, TIFF- oder DICOM-Datei.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>A picture file of at most 256 MB was expected.</source>
            <translation>Erwartet wurde eine Bilddatei von höchstens 256 MB.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>A radiograph needs a few hundred megabytes at most.</source>
            <translation>Ein Röntgenbild braucht höchstens einige hundert Megabyte.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>Ask the file's owner for it, or copy the file to a folder of yours.</source>
            <translation>Bitten Sie den Eigentümer der Datei darum, oder kopieren Sie die Datei in einen eigenen Ordner.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>Check that it is the right file, or export it in one of these formats.</source>
            <translation>Prüfen Sie, ob es die richtige Datei ist, oder exportieren Sie sie in einem dieser Formate.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>Check the drive or the network, and try again.</source>
            <translation>Prüfen Sie das Laufwerk oder das Netzwerk, und versuchen Sie es erneut.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>Check whether it was moved or deleted, and open the folder again.</source>
            <translation>Prüfen Sie, ob sie verschoben oder gelöscht wurde, und öffnen Sie den Ordner noch einmal.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>Choose a file.</source>
            <translation>Wählen Sie eine Datei.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>Close other programs, or export it at a lower resolution.</source>
            <translation>Schließen Sie andere Programme, oder exportieren Sie es in geringerer Auflösung.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>It is a folder.</source>
            <translation>Es ist ein Ordner.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>It is no regular file.</source>
            <translation>Es ist keine gewöhnliche Datei.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>Open it as a folder.</source>
            <translation>Öffnen Sie es als Ordner.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>Read permission is needed.</source>
            <translation>Es braucht Leserecht.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>The file cannot be read ({name}).</source>
            <translation>Die Datei ist nicht lesbar ({name}).</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>The file cannot be read: {why} {name}.</source>
            <translation>Die Datei ist nicht lesbar: {why} {name}.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>The file holds no image that can be read.</source>
            <translation>Die Datei enthält kein lesbares Bild.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>The file is empty.</source>
            <translation>Die Datei ist leer.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <location filename="../../app/gui/worklist/text.py" />
            <source>The file is no longer there.</source>
            <translation>Die Datei ist nicht mehr da.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>The file is too large.</source>
            <translation>Die Datei ist zu groß.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>The file may not be read (permission denied).</source>
            <translation>Die Datei darf nicht gelesen werden (Zugriff verweigert).</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>The file needs more memory than there is.</source>
            <translation>Die Datei braucht mehr Speicher, als da ist.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>The file was expected to open.</source>
            <translation>Die Datei sollte sich öffnen lassen.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>The file was expected where it was found.</source>
            <translation>Die Datei wurde dort erwartet, wo sie gefunden worden war.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>the drive failed</source>
            <translation>das Laufwerk hat versagt</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>{path} cannot be read ({name}).</source>
            <translation>{path} kann nicht gelesen werden ({name}).</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>{path} cannot be read: {why} {name}.</source>
            <translation>{path} ist nicht lesbar: {why} {name}.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>{path} holds no image that can be read.</source>
            <translation>{path} enthält kein lesbares Bild.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>{path} is a folder.</source>
            <translation>{path} ist ein Ordner.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>{path} is empty.</source>
            <translation>{path} ist leer.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>{path} is no longer there.</source>
            <translation>{path} ist nicht mehr da.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>{path} is no regular file.</source>
            <translation>{path} ist keine gewöhnliche Datei.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>{path} is too large: {number:.1f} GiB.</source>
            <translation>{path} ist zu groß: {number:.1f} GiB.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>{path} may not be read (permission denied).</source>
            <translation>{path} darf nicht gelesen werden (keine Berechtigung).</translation>
        </message>
        <message>
            <location filename="../../app/core/image/reader.py" />
            <source>{path} needs more memory than there is.</source>
            <translation>{path} braucht mehr Speicher, als da ist.</translation>
        </message>
        <message>
            <location filename="../../app/core/image/tiff.py" />
            <source>Shown inverted (white is zero)</source>
            <translation>Invertiert gezeigt (Weiß ist null)</translation>
        </message>
        <message>
            <location filename="../../app/core/image/tiff.py" />
            <source>compression {number}</source>
            <translation>Kompression {number}</translation>
        </message>
        <message>
            <location filename="../../app/core/image/tiff.py" />
            <source>its pixel type</source>
            <translation>der Typ ihrer Pixel</translation>
        </message>
        <message>
            <location filename="../../app/core/model/card.py" />
            <source>A model is a folder with model.keras and card.json.</source>
            <translation>Ein Modell ist ein Ordner mit model.keras und card.json.</translation>
        </message>
        <message>
            <location filename="../../app/core/model/card.py" />
            <source>A threshold named 'default' was expected in its card: without one no call is made.</source>
            <translation>In seiner Karte wurde ein Schwellenwert namens „default“ erwartet: ohne ihn gibt es keine Einstufung.</translation>
        </message>
        <message>
            <location filename="../../app/core/model/card.py" />
            <location filename="../../app/inference/runtime/model_file.py" />
            <location filename="../../app/inference/runtime/onnx.py" />
            <source>Choose another model, or train it again.</source>
            <translation>Wählen Sie ein anderes Modell, oder trainieren Sie es neu.</translation>
        </message>
        <message>
            <location filename="../../app/core/model/card.py" />
            <source>Choose one of these, or train the model again.</source>
            <translation>Wählen Sie einen davon, oder trainieren Sie das Modell neu.</translation>
        </message>
        <message>
            <location filename="../../app/core/model/card.py" />
            <source>It has: {there}.</source>
            <translation>Es hat: {there}.</translation>
        </message>
        <message>
            <location filename="../../app/core/model/card.py" />
            <source>It must be a card.json that Opacity wrote.</source>
            <translation>Es muss eine card.json sein, die Opacity geschrieben hat.</translation>
        </message>
        <message>
            <location filename="../../app/core/model/card.py" />
            <source>The model card {path} cannot be read: {error}.</source>
            <translation>Die Modellkarte {path} kann nicht gelesen werden: {error}.</translation>
        </message>
        <message>
            <location filename="../../app/core/model/card.py" />
            <source>The model card {path} is not valid: {error}.</source>
            <translation>Die Modellkarte {path} ist nicht gültig: {error}.</translation>
        </message>
        <message>
            <location filename="../../app/core/model/card.py" />
            <source>The model {title} has no operating point named {point}.</source>
            <translation>Das Modell {title} hat keinen Arbeitspunkt namens {point}.</translation>
        </message>
        <message>
            <location filename="../../app/core/model/card.py" />
            <source>The model {title} has no operating point.</source>
            <translation>Das Modell {title} hat keinen Arbeitspunkt.</translation>
        </message>
        <message>
            <location filename="../../app/core/model/card.py" />
            <source>a calibration of its probabilities</source>
            <translation>eine Kalibrierung seiner Wahrscheinlichkeiten</translation>
        </message>
        <message>
            <location filename="../../app/core/model/card.py" />
            <source>a fitness gate</source>
            <translation>eine Eignungsprüfung</translation>
        </message>
        <message>
            <location filename="../../app/core/model/card.py" />
            <source>an operating point (its threshold)</source>
            <translation>einen Arbeitspunkt (seinen Schwellenwert)</translation>
        </message>
        <message>
            <location filename="../../app/core/model/card.py" />
            <source>figures on held-out patients</source>
            <translation>Zahlen an zurückgehaltenen Patienten</translation>
        </message>
        <message>
            <location filename="../../app/core/model/card.py" />
            <source>its ages are no numbers</source>
            <translation>seine Altersangaben sind keine Zahlen</translation>
        </message>
        <message>
            <location filename="../../app/core/model/card.py" />
            <source>its fitness gate is no hash and two limits</source>
            <translation>ihre Eignungsprüfung besteht nicht aus einem Hash und zwei Grenzen</translation>
        </message>
        <message>
            <location filename="../../app/core/model/card.py" />
            <source>its format is of another Opacity version</source>
            <translation>ihr Format gehört zu einer anderen Version von Opacity</translation>
        </message>
        <message>
            <location filename="../../app/core/model/card.py" />
            <source>its heads {names} are unknown</source>
            <translation>ihre weiteren Ausgänge {names} sind unbekannt</translation>
        </message>
        <message>
            <location filename="../../app/core/model/card.py" />
            <source>its input size or classes make no sense</source>
            <translation>ihre Eingabegröße oder ihre Klassen sind unsinnig</translation>
        </message>
        <message>
            <location filename="../../app/core/model/card.py" />
            <source>its serving form is no two hashes and a number</source>
            <translation>seine Ausführungsform besteht nicht aus zwei Hashes und einer Zahl</translation>
        </message>
        <message>
            <location filename="../../app/core/model/card.py" />
            <source>its threshold {threshold} is no probability</source>
            <translation>ihre Schwelle {threshold} ist keine Wahrscheinlichkeit</translation>
        </message>
        <message>
            <location filename="../../app/core/model/card.py" />
            <source>its {part} hold something that is no text</source>
            <translation>in {part} steht etwas, das kein Text ist</translation>
        </message>
        <message>
            <location filename="../../app/core/model/card.py" />
            <source>its {part} is no object</source>
            <translation>{part} ist kein Objekt</translation>
        </message>
        <message>
            <location filename="../../app/core/model/card.py" />
            <source>its {part} is {value!r}</source>
            <translation>{part} ist {value!r}</translation>
        </message>
        <message>
            <location filename="../../app/core/model/card.py" />
            <source>the constant of its serving form is no number</source>
            <translation>die Konstante seiner Ausführungsform ist keine Zahl</translation>
        </message>
        <message>
            <location filename="../../app/core/model/card.py" />
            <source>the limits of its fitness gate make no sense</source>
            <translation>die Grenzen ihrer Eignungsprüfung sind unsinnig</translation>
        </message>
        <message>
            <location filename="../../app/core/model/card.py" />
            <source>the scale of its heatmaps</source>
            <translation>den Maßstab seiner Heatmaps</translation>
        </message>
        <message>
            <location filename="../../app/core/model/operating_points.py" />
            <source>Balanced</source>
            <translation>Balance</translation>
        </message>
        <message>
            <location filename="../../app/core/model/operating_points.py" />
            <source>Few false alarms, at the price of more missed pneumonias.</source>
            <translation>Wenige Fehlalarme, um den Preis von mehr übersehenen Pneumonien.</translation>
        </message>
        <message>
            <location filename="../../app/core/model/operating_points.py" />
            <source>Few pneumonias are missed, at the price of more false alarms.</source>
            <translation>Wenige Pneumonien werden übersehen, um den Preis von mehr Fehlalarmen.</translation>
        </message>
        <message>
            <location filename="../../app/core/model/operating_points.py" />
            <source>Rule-in</source>
            <translation>Bestätigung</translation>
        </message>
        <message>
            <location filename="../../app/core/model/operating_points.py" />
            <source>Screening</source>
            <translation>Screening</translation>
        </message>
        <message>
            <location filename="../../app/core/model/operating_points.py" />
            <source>The model's default: what score and evaluate use.</source>
            <translation>Die Vorgabe des Modells: was score und evaluate verwenden.</translation>
        </message>
        <message>
            <location filename="../../app/core/model/results.py" />
            <source>Convert the file and try again.</source>
            <translation>Wandeln Sie die Datei um, und versuchen Sie es erneut.</translation>
        </message>
        <message>
            <location filename="../../app/core/model/results.py" />
            <source>Input gradient</source>
            <translation>Eingangsgradient</translation>
        </message>
        <message>
            <location filename="../../app/core/model/results.py" />
            <source>Look yourself: networks trained alike would differ (between {low:.2f} and {high:.2f}).</source>
            <translation>Selbst hinsehen: gleich trainierte Netze wären sich uneinig (zwischen {low:.2f} und {high:.2f}).</translation>
        </message>
        <message>
            <location filename="../../app/core/model/results.py" />
            <source>Look yourself: networks trained alike would differ.</source>
            <translation>Selbst hinsehen: gleich trainierte Netze wären sich uneinig.</translation>
        </message>
        <message>
            <location filename="../../app/core/model/results.py" />
            <source>The decoder failed ({name}).</source>
            <translation>Der Dekoder hat versagt ({name}).</translation>
        </message>
        <message>
            <location filename="../../app/core/model/results.py" />
            <source>The file could not be read</source>
            <translation>Die Datei konnte nicht gelesen werden</translation>
        </message>
        <message>
            <location filename="../../app/core/model/results.py" />
            <source>no reason was given</source>
            <translation>kein Grund wurde genannt</translation>
        </message>
        <message>
            <location filename="../../app/core/model/triage.py" />
            <source>Look yourself: the likely range ({low:.3f} to {high:.3f}) lies on both sides of the threshold ({threshold:.3f}).</source>
            <translation>Sehen Sie selbst nach: Der wahrscheinliche Bereich ({low:.3f} bis {high:.3f}) liegt auf beiden Seiten der Schwelle ({threshold:.3f}).</translation>
        </message>
        <message>
            <location filename="../../app/core/model/triage.py" />
            <source>Look yourself: the likely range lies on both sides of the threshold.</source>
            <translation>Sehen Sie selbst nach: Der wahrscheinliche Bereich liegt auf beiden Seiten der Schwelle.</translation>
        </message>
        <message>
            <location filename="../../app/core/reading/measure.py" />
            <source>AP view: the heart looks larger</source>
            <translation>AP-Aufnahme: das Herz wirkt größer</translation>
        </message>
        <message>
            <location filename="../../app/core/reading/measure.py" />
            <source>Infant: up to 0.60 may be normal</source>
            <translation>Säugling: bis 0.60 kann normal sein</translation>
        </message>
        <message>
            <location filename="../../app/core/reading/measure.py" />
            <source>Lateral view: the ratio means nothing</source>
            <translation>Seitliche Aufnahme: der Quotient sagt nichts aus</translation>
        </message>
        <message>
            <location filename="../../app/core/reading/measure.py" />
            <source>Not upright: the heart looks larger</source>
            <translation>Nicht aufrecht: das Herz wirkt größer</translation>
        </message>
        <message>
            <location filename="../../app/core/reading/measure.py" />
            <source>Unknown age: in a young child more than 0.50 may be normal</source>
            <translation>Alter unbekannt: bei kleinen Kindern kann mehr als 0.50 normal sein</translation>
        </message>
        <message>
            <location filename="../../app/core/reading/measure.py" />
            <source>Unknown projection: on an AP view the heart looks larger</source>
            <translation>Strahlengang unbekannt: auf einer AP-Aufnahme wirkt das Herz größer</translation>
        </message>
        <message>
            <location filename="../../app/core/reading/measure.py" />
            <source>Young child: more than 0.50 may be normal</source>
            <translation>Kleinkind: mehr als 0.50 kann normal sein</translation>
        </message>
        <message>
            <location filename="../../app/core/reading/measure.py" />
            <source>at detector</source>
            <translation>am Detektor</translation>
        </message>
        <message>
            <location filename="../../app/core/reading/measure.py" />
            <source>calibration unknown</source>
            <translation>Kalibrierung unbekannt</translation>
        </message>
        <message>
            <location filename="../../app/core/reading/measure.py" />
            <source>estimated</source>
            <translation>geschätzt</translation>
        </message>
        <message>
            <location filename="../../app/core/reading/measure.py" />
            <source>mm</source>
            <translation>mm</translation>
        </message>
        <message>
            <location filename="../../app/core/reading/measure.py" />
            <source>mm at detector</source>
            <translation>mm am Detektor</translation>
        </message>
        <message>
            <location filename="../../app/core/reading/measure.py" />
            <source>mm, calibration unknown</source>
            <translation>mm, Kalibrierung unbekannt</translation>
        </message>
        <message>
            <location filename="../../app/core/reading/measure.py" />
            <source>mm, estimated</source>
            <translation>mm, geschätzt</translation>
        </message>
        <message>
            <location filename="../../app/core/reading/measure.py" />
            <location filename="../../app/gui/viewer/tools/mark_painting.py" />
            <source>px</source>
            <translation>px</translation>
        </message>
        <message>
            <location filename="../../app/core/reading/measure.py" />
            <source>{size} cm</source>
            <translation>{size} cm</translation>
        </message>
        <message>
            <location filename="../../app/core/reading/measure.py" />
            <source>{size} mm</source>
            <translation>{size} mm</translation>
        </message>
        <message>
            <location filename="../../app/core/reading/measure.py" />
            <source>{size} px</source>
            <translation>{size} px</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/sweep.py" />
            <source>A number of trials was expected.</source>
            <translation>Erwartet wurde eine Zahl von Versuchen.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/sweep.py" />
            <source>A whole number from {low} to {high} was expected.</source>
            <translation>Erwartet wurde eine ganze Zahl von {low} bis {high}.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/sweep.py" />
            <location filename="../../app/inference/registry/models.py" />
            <source>Choose another name.</source>
            <translation>Wählen Sie einen anderen Namen.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/sweep.py" />
            <location filename="../../app/core/settings/training.py" />
            <source>Choose one of these.</source>
            <translation>Wählen Sie einen davon.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/sweep.py" />
            <location filename="../../app/core/settings/training.py" />
            <source>Correct it and start again.</source>
            <translation>Berichtigen Sie es und starten Sie noch einmal.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/sweep.py" />
            <location filename="../../app/core/settings/training.py" />
            <source>It must be one of {words}.</source>
            <translation>Möglich sind {words}.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/sweep.py" />
            <location filename="../../app/core/settings/training.py" />
            <source>Known settings are {names}.</source>
            <translation>Bekannte Einstellungen sind {names}.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/sweep.py" />
            <source>Letters, digits, - and _ were expected, at most 100.</source>
            <translation>Erwartet wurden Buchstaben, Ziffern, - und _, höchstens 100.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/sweep.py" />
            <source>Set it, or choose the grid.</source>
            <translation>Setzen Sie sie, oder wählen Sie das Gitter.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/sweep.py" />
            <source>Start a new sweep.</source>
            <translation>Starten Sie einen neuen Sweep.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/sweep.py" />
            <source>The sweep has no end: a drawn sweep needs its number of trials.</source>
            <translation>Der Sweep hat kein Ende: ein gezogener Sweep braucht die Zahl seiner Versuche.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/sweep.py" />
            <source>The sweep's settings hold something unknown or lack what is trained.</source>
            <translation>Die Einstellungen des Sweeps enthalten Unbekanntes, oder es fehlt, was trainiert wird.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/sweep.py" />
            <source>The sweep's {name} is {value!r}.</source>
            <translation>{name} des Sweeps ist {value!r}.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/sweep.py" />
            <source>{name!r} cannot name a study.</source>
            <translation>{name!r} kann kein Name eines Sweeps sein.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>16 bits where the device gains by it: many GPUs compute faster so and need less memory.</source>
            <translation>16 Bit, wo das Gerät dadurch gewinnt: viele GPUs rechnen so schneller und brauchen weniger Speicher.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Architecture</source>
            <translation>Architektur</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Augmentation</source>
            <translation>Augmentierung</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Batch size</source>
            <translation>Batchgröße</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Class weights</source>
            <translation>Klassengewichte</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Cosine starts gently, peaks early and fades out; constant stays as it is.</source>
            <translation>Kosinus beginnt sanft, erreicht früh den Höhepunkt und läuft aus; konstant bleibt, wie sie ist.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <location filename="../../app/gui/prediction/prediction_panel.py" />
            <location filename="../../app/review/export/pdf_parts.py" />
            <source>Device</source>
            <translation>Gerät</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Dropout</source>
            <translation>Dropout</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Early stopping</source>
            <translation>Früher Abbruch</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <location filename="../../app/gui/training/runs_table.py" />
            <source>Epochs</source>
            <translation>Epochen</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Epochs without a better validation AUC before the training ends by itself; 0 for never.</source>
            <translation>Epochen ohne bessere Validierungs-AUC, bis das Training von selbst endet; 0 für nie.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Filter activation</source>
            <translation>Aktivierung der Filter</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Filters</source>
            <translation>Filter</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Fold</source>
            <translation>Faltung</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Hidden activation</source>
            <translation>Aktivierung der Knoten</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Hidden nodes</source>
            <translation>Verborgene Knoten</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>How a filter's answer goes on: relu cuts at zero, softmax lets the filters compete.</source>
            <translation>Wie die Antwort eines Filters weitergeht: relu schneidet bei null ab, softmax lässt die Filter wetteifern.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>How a node's answer goes on: relu cuts at zero, elu lets a little below it through.</source>
            <translation>Wie die Antwort eines Knotens weitergeht: relu schneidet bei null ab, elu lässt ein wenig darunter durch.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>How far each label is moved towards the others, where labels may be wrong. 0 for none.</source>
            <translation>Wie weit jedes Label zu den anderen hin verschoben wird, wo Labels falsch sein können. 0 für keine.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>How often each image is seen. Training ends earlier when it no longer gets better.</source>
            <translation>Wie oft jedes Bild gesehen wird. Das Training endet früher, wenn es nicht mehr besser wird.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>How steps are computed: Adam adapts them to each weight, AdamW shrinks the weights as well, SGD takes plain steps.</source>
            <translation>Wie die Schritte berechnet werden: Adam passt sie an jedes Gewicht an, AdamW verkleinert zudem die Gewichte, SGD macht einfache Schritte.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>How the hidden layer's first weights are drawn: evenly from a small range, or normally.</source>
            <translation>Wie die ersten Gewichte der verborgenen Schicht gezogen werden: gleichmäßig aus einem kleinen Bereich oder normalverteilt.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <location filename="../../app/gui/audit/tips.py" />
            <location filename="../../app/review/audit/columns.py" />
            <source>Image size</source>
            <translation>Bildgröße</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Images per step. Smaller needs less memory and is slower.</source>
            <translation>Bilder je Schritt. Kleiner braucht weniger Speicher und ist langsamer.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Label smoothing</source>
            <translation>Label-Glättung</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Layers trained</source>
            <translation>Trainierte Schichten</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <location filename="../../app/gui/common/curves.py" />
            <source>Learning rate</source>
            <translation>Lernrate</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Optimizer</source>
            <translation>Optimierer</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Patterns that the convolution looks for. More see finer things.</source>
            <translation>Muster, nach denen die Faltung sucht. Mehr sehen Feineres.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <location filename="../../app/review/report/charts.py" />
            <source>Precision</source>
            <translation>Genauigkeit der Zahlen</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Pulls the weights towards zero, which keeps a network from learning by heart. 0 for none.</source>
            <translation>Zieht die Gewichte gegen null, damit ein Netz nicht auswendig lernt. 0 für keine.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Random start</source>
            <translation>Zufälliger Anfang</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Rate over time</source>
            <translation>Rate im Verlauf</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Seed</source>
            <translation>Startwert</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Share of the features left out at random in each step, so that none is relied on alone.</source>
            <translation>Anteil der Merkmale, die in jedem Schritt zufällig wegfallen, damit sich auf keines allein verlassen wird.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Side of the square that the network sees, in pixels. Larger shows more and is slower.</source>
            <translation>Seite des Quadrats, das das Netz sieht, in Pixeln. Größer zeigt mehr und ist langsamer.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Size of the hidden layer. More can tell more, and learn more by heart.</source>
            <translation>Größe der verborgenen Schicht. Mehr können mehr unterscheiden und mehr auswendig lernen.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Size of the steps at their largest. Too large does not settle, too small does not arrive. 0 takes the optimizer's own.</source>
            <translation>Größe der Schritte auf ihrem Höhepunkt. Zu groß kommt nicht zur Ruhe, zu klein nicht ans Ziel. 0 nimmt die des Optimierers.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Start from</source>
            <translation>Ausgehend von</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Start of the random numbers: the same seed draws the same batches.</source>
            <translation>Anfang der Zufallszahlen: derselbe Startwert zieht dieselben Batches.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Strength of the random changes to each image: 0 for none, 1 as in the bundled network. They keep it from learning markers and borders.</source>
            <translation>Stärke der zufälligen Veränderungen jedes Bildes: 0 für keine, 1 wie beim mitgelieferten Netz. Sie verhindern, dass es Marker und Ränder lernt.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>The first blocks see edges, which are the same everywhere: leaving them as they are is faster, training all fits more closely.</source>
            <translation>Die ersten Blöcke sehen Kanten, die überall gleich sind: sie zu lassen, wie sie sind, ist schneller; alle zu trainieren passt sich genauer an.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>The network that is trained.</source>
            <translation>Das Netz, das trainiert wird.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Weigh the classes so that each counts the same, however many images it has.</source>
            <translation>Die Klassen so gewichten, dass jede gleich viel zählt, wie viele Bilder sie auch hat.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Weight decay</source>
            <translation>Gewichtsabnahme</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>What computes: the GPU where there is one, or the CPU.</source>
            <translation>Was rechnet: die GPU, wo es eine gibt, oder die CPU.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>What the weights are at first: those of everyday pictures (ImageNet), random ones (scratch), or those of a model, which then goes on learning.</source>
            <translation>Was die Gewichte anfangs sind: die aus Alltagsbildern (ImageNet), zufällige (von Grund auf) oder die eines Modells, das dann weiterlernt.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/text.py" />
            <source>Which fifth of the patients is held out, to set the operating point and to measure.</source>
            <translation>Welches Fünftel der Patienten zurückgehalten wird, um den Arbeitspunkt zu setzen und zu messen.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/training.py" />
            <source>A class of the training was expected for each class of the data.</source>
            <translation>Erwartet wurde für jede Klasse der Daten eine Klasse des Trainings.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/training.py" />
            <source>A number was expected.</source>
            <translation>Erwartet wurde eine Zahl.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/training.py" />
            <source>A text was expected.</source>
            <translation>Erwartet wurde ein Text.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/training.py" />
            <source>A whole number was expected.</source>
            <translation>Erwartet wurde eine ganze Zahl.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/training.py" />
            <source>Choose a value in that range.</source>
            <translation>Wählen Sie einen Wert in diesem Bereich.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/training.py" />
            <source>It must lie between {low:g} and {high:g}.</source>
            <translation>Der Wert muss zwischen {low:g} und {high:g} liegen.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/training.py" />
            <source>Remove what is unknown.</source>
            <translation>Entfernen Sie das Unbekannte.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/training.py" />
            <source>The setting class_weights is {value!r}.</source>
            <translation>Die Einstellung class_weights ist {value!r}.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/training.py" />
            <source>The setting mapping holds something that is no class name.</source>
            <translation>Die Einstellung mapping enthält etwas, das kein Klassenname ist.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/training.py" />
            <source>The setting {name} is {value!r}.</source>
            <translation>Die Einstellung {name} ist {value!r}.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/training.py" />
            <source>The setting {name} is {value}.</source>
            <translation>Die Einstellung {name} ist {value}.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/training.py" />
            <source>The training settings hold something unknown: {names}.</source>
            <translation>Die Trainingseinstellungen enthalten Unbekanntes: {names}.</translation>
        </message>
        <message>
            <location filename="../../app/core/settings/training.py" />
            <source>Yes or no was expected.</source>
            <translation>Erwartet wurde ja oder nein.</translation>
        </message>
        <message>
            <location filename="../../app/core/worklist/inbox.py" />
            <source>Another image in the inbox has the same SOPInstanceUID but other content; make sure that this is the image you mean</source>
            <translation>Ein anderes Bild im Eingang hat dieselbe SOPInstanceUID, aber anderen Inhalt; vergewissern Sie sich, dass dies das gemeinte Bild ist</translation>
        </message>
        <message>
            <location filename="../../app/core/worklist/priors.py" />
            <source>Same PatientID, but another name</source>
            <translation>Gleiche PatientID, aber anderer Name</translation>
        </message>
        <message>
            <location filename="../../app/core/worklist/priors.py" />
            <source>Same PatientID, but another sex</source>
            <translation>Gleiche PatientID, aber anderes Geschlecht</translation>
        </message>
        <message>
            <location filename="../../app/core/worklist/priors.py" />
            <source>The header gives no PatientID, and a name alone is no identity.</source>
            <translation>Der Header nennt keine PatientID, und ein Name allein ist keine Identität.</translation>
        </message>
        <message>
            <location filename="../../app/core/worklist/priors.py" />
            <source>The header gives no StudyDate, so that nothing is known as earlier.</source>
            <translation>Der Header nennt kein StudyDate, also ist nichts als früher bekannt.</translation>
        </message>
        <message>
            <location filename="../../app/core/worklist/priors.py" />
            <source>The image has no header, and a file name is no identity.</source>
            <translation>Das Bild hat keinen Header, und ein Dateiname ist keine Identität.</translation>
        </message>
        <message>
            <location filename="../../app/core/worklist/scan.py" />
            <source>A file or a folder was expected.</source>
            <translation>Erwartet wurde eine Datei oder ein Ordner.</translation>
        </message>
        <message>
            <location filename="../../app/core/worklist/scan.py" />
            <source>Check the spelling, and that its drive is connected.</source>
            <translation>Prüfen Sie die Schreibweise, und ob das Laufwerk verbunden ist.</translation>
        </message>
        <message>
            <location filename="../../app/core/worklist/scan.py" />
            <source>{shown} does not exist.</source>
            <translation>{shown} gibt es nicht.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/audit_desk.py" />
            <source>Images of the audit</source>
            <translation>Bilder des Audits</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/audit_rows.py" />
            <source>As listed</source>
            <translation>Wie aufgeführt</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/audit_rows.py" />
            <source>Highest score first</source>
            <translation>Höchster Wert zuerst</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/audit_rows.py" />
            <source>Least sure first</source>
            <translation>Am unsichersten zuerst</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/audit_rows.py" />
            <source>Most wrong first</source>
            <translation>Am meisten daneben zuerst</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/audit_window.py" />
            <source>A labelled folder was expected, or a CSV with paths and labels.</source>
            <translation>Erwartet wurde ein gelabelter Ordner oder eine CSV mit Pfaden und Labels.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/audit_window.py" />
            <location filename="../../app/gui/audit/walk_bar.py" />
            <location filename="../../app/gui/common/gestures.py" />
            <source>Audit</source>
            <translation>Audit</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/audit_window.py" />
            <source>Audit a labelled folder</source>
            <translation>Gelabelten Ordner auditieren</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/audit_window.py" />
            <source>Drop the folder that holds the images.</source>
            <translation>Legen Sie den Ordner ab, der die Bilder enthält.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/audit_window.py" />
            <source>What was dropped is neither a folder nor a CSV.</source>
            <translation>Was abgelegt wurde, ist weder ein Ordner noch eine CSV.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/calibration_page.py" />
            <source>Calibration</source>
            <translation>Kalibrierung</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/calibration_page.py" />
            <location filename="../../app/review/audit/figures.py" />
            <location filename="../../app/review/report/charts.py" />
            <source>Net benefit</source>
            <translation>Nettonutzen</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/calibration_page.py" />
            <source>Net benefit (decision curve)</source>
            <translation>Nettonutzen (Entscheidungskurve)</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/calibration_page.py" />
            <source>Reliability: bins of equally many images, 95 % intervals</source>
            <translation>Zuverlässigkeit: Gruppen gleich vieler Bilder, 95-%-Intervalle</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/calibration_page.py" />
            <source>To act at {threshold:.3f} is to say that {weighs}. Net benefit for 100 patients like these: {net:.1f} with the model, {all:.1f} when all are called, 0 when none is.</source>
            <translation>Wer bei {threshold:.3f} handelt, sagt damit: {weighs}. Nettonutzen bei 100 Patienten wie diesen: {net:.1f} mit dem Modell, {all:.1f}, wenn alle gemeldet werden, 0, wenn keiner.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/calibration_page.py" />
            <source>all called</source>
            <translation>alle gemeldet</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/calibration_page.py" />
            <source>mean probability</source>
            <translation>mittlere Wahrscheinlichkeit</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/calibration_page.py" />
            <source>model</source>
            <translation>Modell</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/calibration_page.py" />
            <source>net benefit</source>
            <translation>Nettonutzen</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/calibration_page.py" />
            <source>none called</source>
            <translation>keiner gemeldet</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/calibration_page.py" />
            <source>one false alarm weighs as much as {n:.1f} pneumonias found</source>
            <translation>ein Fehlalarm wiegt so viel wie {n:.1f} gefundene Pneumonien</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/calibration_page.py" />
            <source>one pneumonia found weighs as much as {n:.1f} false alarms</source>
            <translation>eine gefundene Pneumonie wiegt so viel wie {n:.1f} Fehlalarme</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/calibration_page.py" />
            <source>share with pneumonia</source>
            <translation>Anteil mit Pneumonie</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/calibration_page.py" />
            <source>threshold probability</source>
            <translation>Schwellenwahrscheinlichkeit</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/cell_card.py" />
            <source>Mean heatmap: {cell}</source>
            <translation>Mittlere Heatmap: {cell}</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/cell_card.py" />
            <source>deletion: {areas}</source>
            <translation>Löschen: {areas}</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/cell_card.py" />
            <source>insertion: {areas}</source>
            <translation>Einfügen: {areas}</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/cell_card.py" />
            <source>n = {count:,}</source>
            <translation>n = {count:,}</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/cell_card.py" />
            <source>outside the body: {share}</source>
            <translation>außerhalb des Körpers: {share}</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/cell_card.py" />
            <source>outside the lungs: {share}</source>
            <translation>außerhalb der Lungen: {share}</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/changed_calls_model.py" />
            <location filename="../../app/review/report/model_page/further.py" />
            <source>Change</source>
            <translation>Änderung</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/changed_calls_model.py" />
            <location filename="../../app/gui/audit/labels_model.py" />
            <location filename="../../app/gui/viewer/tools/label_editor.py" />
            <source>Label</source>
            <translation>Bezeichnung</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/changed_calls_model.py" />
            <source>New</source>
            <translation>Neu</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/changed_calls_model.py" />
            <source>Old</source>
            <translation>Alt</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/changed_calls_text.py" />
            <location filename="../../app/gui/audit/slices_model.py" />
            <location filename="../../app/gui/training/runs_table.py" />
            <location filename="../../app/review/report/model_page/figures.py" />
            <location filename="../../app/review/report/model_page/further.py" />
            <location filename="../../app/review/report/pages.py" />
            <location filename="../../app/review/report/slices_page.py" />
            <source>AUC</source>
            <translation>AUC</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/changed_calls_text.py" />
            <source>Relabelled among them: {count:,}.</source>
            <translation>Davon mit einem anderen Label: {count:,}.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/changed_calls_text.py" />
            <location filename="../../app/gui/training/text.py" />
            <location filename="../../app/review/audit/figures.py" />
            <location filename="../../app/review/comparison/compare.py" />
            <location filename="../../app/review/report/charts.py" />
            <location filename="../../app/review/report/model_page/figures.py" />
            <location filename="../../app/review/report/pages.py" />
            <location filename="../../app/review/report/slices_page.py" />
            <source>Sensitivity</source>
            <translation>Sensitivität</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/changed_calls_text.py" />
            <location filename="../../app/gui/training/text.py" />
            <location filename="../../app/review/audit/figures.py" />
            <location filename="../../app/review/comparison/compare.py" />
            <location filename="../../app/review/report/charts.py" />
            <location filename="../../app/review/report/model_page/figures.py" />
            <location filename="../../app/review/report/pages.py" />
            <location filename="../../app/review/report/slices_page.py" />
            <source>Specificity</source>
            <translation>Spezifität</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/changed_calls_text.py" />
            <source>by the corrected labels</source>
            <translation>nach den berichtigten Labels</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/changed_calls_text.py" />
            <source>by the labels before</source>
            <translation>nach den Labels davor</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/changed_calls_text.py" />
            <source>new false alarm</source>
            <translation>neuer Fehlalarm</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/changed_calls_text.py" />
            <location filename="../../app/gui/models/text.py" />
            <source>newly caught</source>
            <translation>neu erkannt</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/changed_calls_text.py" />
            <location filename="../../app/gui/models/text.py" />
            <source>newly cleared</source>
            <translation>neu entlastet</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/changed_calls_text.py" />
            <location filename="../../app/gui/models/text.py" />
            <source>newly missed</source>
            <translation>neu übersehen</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/changed_calls_text.py" />
            <source>{new} against {old} on patients on whom neither was trained: {images} ({normal:,} NORMAL, {pneumonia:,} PNEUMONIA).</source>
            <translation>{new} gegen {old} an Patienten, mit denen keines der beiden trainiert wurde: {images} ({normal:,} NORMAL, {pneumonia:,} PNEUMONIA).</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/changed_calls_text.py" />
            <source>{now}, was {before}</source>
            <translation>{now}, vorher {before}</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/curves_page.py" />
            <source>1 − specificity</source>
            <translation>1 − Spezifität</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/curves_page.py" />
            <location filename="../../app/review/report/pages.py" />
            <source>Curves</source>
            <translation>Kurven</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/curves_page.py" />
            <source>One class only: undefined</source>
            <translation>Nur eine Klasse: nicht definiert</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/curves_page.py" />
            <location filename="../../app/review/report/charts.py" />
            <source>Precision and recall</source>
            <translation>Precision und Recall</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/curves_page.py" />
            <source>Precision-recall, average {area}</source>
            <translation>Precision-Recall, Mittel {area}</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/curves_page.py" />
            <location filename="../../app/review/report/charts.py" />
            <source>ROC</source>
            <translation>ROC</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/curves_page.py" />
            <source>ROC, AUC {area}</source>
            <translation>ROC, AUC {area}</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/curves_page.py" />
            <source>Scores</source>
            <translation>Werte</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/curves_page.py" />
            <location filename="../../app/review/report/charts.py" />
            <source>Scores by class</source>
            <translation>Werte je Klasse</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/curves_page.py" />
            <source>images</source>
            <translation>Bilder</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/curves_page.py" />
            <location filename="../../app/gui/audit/pair_view.py" />
            <location filename="../../app/gui/audit/text.py" />
            <location filename="../../app/gui/verdict/text.py" />
            <source>normal</source>
            <translation>normal</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/curves_page.py" />
            <location filename="../../app/gui/audit/pair_view.py" />
            <location filename="../../app/gui/audit/text.py" />
            <location filename="../../app/gui/verdict/text.py" />
            <source>pneumonia</source>
            <translation>Pneumonie</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/curves_page.py" />
            <source>precision (PPV)</source>
            <translation>Precision (PPV)</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/curves_page.py" />
            <source>probability</source>
            <translation>Wahrscheinlichkeit</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/curves_page.py" />
            <source>recall (sensitivity)</source>
            <translation>Recall (Sensitivität)</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/curves_page.py" />
            <location filename="../../app/review/report/charts.py" />
            <source>sensitivity</source>
            <translation>Sensitivität</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/figures_table.py" />
            <location filename="../../app/gui/audit/slices_model.py" />
            <location filename="../../app/review/report/pages.py" />
            <source>95 % interval</source>
            <translation>95-%-Intervall</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/figures_table.py" />
            <location filename="../../app/review/report/pages.py" />
            <source>Calibration error</source>
            <translation>Kalibrierfehler</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/figures_table.py" />
            <location filename="../../app/review/report/model_page/further.py" />
            <location filename="../../app/review/report/model_page/targets.py" />
            <location filename="../../app/review/report/pages.py" />
            <source>Figure</source>
            <translation>Zahl</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/figures_table.py" />
            <source>Figures at the threshold</source>
            <translation>Zahlen beim Schwellenwert</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/figures_table.py" />
            <source>Intervals: {method}.</source>
            <translation>Intervalle: {method}.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/figures_table.py" />
            <source>Negative pred. value</source>
            <translation>Neg. präd. Wert</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/figures_table.py" />
            <source>Positive pred. value</source>
            <translation>Pos. präd. Wert</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/figures_table.py" />
            <source>Sens. at 95 % spec.</source>
            <translation>Sens. bei 95 % Spez.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/figures_table.py" />
            <source>Spec. at 95 % sens.</source>
            <translation>Spez. bei 95 % Sens.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/figures_table.py" />
            <location filename="../../app/gui/viewer/tags_model.py" />
            <location filename="../../app/review/report/model_page/further.py" />
            <location filename="../../app/review/report/pages.py" />
            <source>Value</source>
            <translation>Wert</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/flip_bar.py" />
            <source>Normals that both call pneumonia</source>
            <translation>Normalbefunde, die beide als Pneumonie melden</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/flip_bar.py" />
            <source>Normals that the first model calls pneumonia, the second not</source>
            <translation>Normalbefunde, die das erste Modell als Pneumonie meldet, das zweite nicht</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/flip_bar.py" />
            <source>Normals that the second model calls pneumonia, the first not</source>
            <translation>Normalbefunde, die das zweite Modell als Pneumonie meldet, das erste nicht</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/flip_bar.py" />
            <source>Pneumonias that neither of the two calls</source>
            <translation>Pneumonien, die keines der beiden meldet</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/flip_bar.py" />
            <source>Pneumonias that the first model calls and the second does not</source>
            <translation>Pneumonien, die das erste Modell meldet und das zweite nicht</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/flip_bar.py" />
            <source>Pneumonias that the second model calls and the first does not</source>
            <translation>Pneumonien, die das zweite Modell meldet und das erste nicht</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/flips_page.py" />
            <source>After retraining</source>
            <translation>Nach dem Training</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/flips_page.py" />
            <source>All flips: {count:,}</source>
            <translation>Alle Wechsel: {count:,}</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/flips_page.py" />
            <source>Audit the folder of this training to walk its images.</source>
            <translation>Prüfen Sie den Ordner dieses Trainings, um seine Bilder durchzugehen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/flips_page.py" />
            <source>Images whose call changed</source>
            <translation>Bilder, deren Urteil sich geändert hat</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/flips_page.py" />
            <source>No call changed among these images.</source>
            <translation>Bei diesen Bildern hat sich kein Urteil geändert.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/flips_page.py" />
            <source>No training on this folder yet. Decide on labels (page Labels), then Train with these labels: what changed is shown here when it has ended.</source>
            <translation>Noch kein Training mit diesem Ordner. Entscheiden Sie über Labels (Seite Labels), dann „Mit diesen Labels trainieren“: Was sich geändert hat, erscheint hier nach dem Ende.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/flips_page.py" />
            <source>Not compared.</source>
            <translation>Nicht verglichen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/flips_page.py" />
            <source>Which flips</source>
            <translation>Welche Wechsel</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/flips_page.py" />
            <location filename="../../app/gui/audit/labels_page.py" />
            <source>label {label}</source>
            <translation>Label {label}</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/flips_page.py" />
            <source>score {old} → {new}</source>
            <translation>Score {old} → {new}</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/forest.py" />
            <source>Columns of the slices</source>
            <translation>Spalten der Teilgruppen</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/gallery.py" />
            <location filename="../../app/gui/audit/gallery_grid.py" />
            <location filename="../../app/gui/audit/models_page.py" />
            <source>Gallery</source>
            <translation>Galerie</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/gallery.py" />
            <source>Heatmaps (H)</source>
            <translation>Heatmaps (H)</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/gallery.py" />
            <source>No image is here at this threshold.</source>
            <translation>Bei diesem Schwellenwert ist hier kein Bild.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/gallery.py" />
            <source>Order of the gallery</source>
            <translation>Reihenfolge der Galerie</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/gallery.py" />
            <source>Over all pictures, on one scale. The one under the mouse shows its own at once.</source>
            <translation>Über allen Bildern, auf einer Skala. Das Bild unter der Maus zeigt die seine sofort.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_controller.py" />
            <location filename="../../app/gui/audit/matrix_view.py" />
            <location filename="../../app/gui/audit/text.py" />
            <source>All wrong calls</source>
            <translation>Alle falschen Urteile</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_controller.py" />
            <source>Audit a labelled folder to see which of its labels are suspicious.</source>
            <translation>Prüfen Sie einen Ordner mit Labels, um zu sehen, welche davon verdächtig sind.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_controller.py" />
            <source>Decided</source>
            <translation>Entschieden</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_controller.py" />
            <source>Decided: {decided:,}, of these {changed:,} with another label and {out:,} left out.</source>
            <translation>Entschieden: {decided:,}, davon {changed:,} mit anderem Label und {out:,} ausgelassen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_controller.py" />
            <source>Left out, since the model was trained on them and there is no out-of-fold score: {count:,}.</source>
            <translation>Außer Betracht, da das Modell mit ihnen trainiert wurde und es keinen Out-of-fold-Score gibt: {count:,}.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_controller.py" />
            <source>Looking for suspicious labels…</source>
            <translation>Suche nach verdächtigen Labels…</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_controller.py" />
            <source>No call is wrong at this threshold.</source>
            <translation>Bei diesem Schwellenwert ist kein Urteil falsch.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_controller.py" />
            <source>No label of this folder is suspicious.</source>
            <translation>Kein Label dieses Ordners ist verdächtig.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_controller.py" />
            <source>No label that could be tested is suspicious. Images left out were not tested.</source>
            <translation>Kein Label, das sich prüfen ließ, ist verdächtig. Ausgelassene Bilder wurden nicht geprüft.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_controller.py" />
            <source>No label was decided on yet: N, P and X decide.</source>
            <translation>Noch über kein Label entschieden: N, P und X entscheiden.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_controller.py" />
            <source>Suspicious labels</source>
            <translation>Verdächtige Labels</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_controller.py" />
            <source>Suspicious labels: {suspects:,} among {images:,}.</source>
            <translation>Verdächtige Labels: {suspects:,} unter {images:,}.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_controller.py" />
            <source>Whether labels are suspicious could not be tested; why stands above. Only copies with different labels were looked for, and there are none.</source>
            <translation>Ob Labels verdächtig sind, ließ sich nicht prüfen; warum, steht oben. Gesucht wurde nur nach Kopien mit verschiedenen Labels; es gibt keine.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_controller.py" />
            <source>{count:,} wrong calls weigh</source>
            <translation>{count:,} falsche Urteile wiegen</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_model.py" />
            <source>Decision</source>
            <translation>Entscheidung</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_model.py" />
            <location filename="../../app/gui/worklist/text.py" />
            <location filename="../../app/review/export/pdf.py" />
            <location filename="../../app/review/report/model_page/further.py" />
            <source>Score</source>
            <translation>Score</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_model.py" />
            <source>Why it is here</source>
            <translation>Warum hier</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_model.py" />
            <source>a copy says otherwise</source>
            <translation>eine Kopie sagt anderes</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_model.py" />
            <source>left out</source>
            <translation>ausgelassen</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_model.py" />
            <source>right</source>
            <translation>richtig</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_model.py" />
            <source>unlikely label</source>
            <translation>unwahrscheinlich</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_model.py" />
            <source>unlikely, a copy says otherwise</source>
            <translation>unwahrscheinlich, Kopie sagt anderes</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_page.py" />
            <source>How much an image that is called wrongly at this threshold, by its label as decided, counts in the training; others count 1. Suspicious labels that nobody decided on count 1 too.</source>
            <translation>Wie viel ein Bild im Training zählt, das bei diesem Schwellenwert nach seinem entschiedenen Label falsch beurteilt wird; andere zählen 1. Verdächtige Labels, über die niemand entschieden hat, zählen auch 1.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_page.py" />
            <location filename="../../app/gui/audit/source_bar.py" />
            <location filename="../../app/review/report/sources_page.py" />
            <source>Labels</source>
            <translation>Labels</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_page.py" />
            <source>Labels to decide on</source>
            <translation>Labels, über die zu entscheiden ist</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_page.py" />
            <source>Leave out (X)</source>
            <translation>Auslassen (X)</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_page.py" />
            <source>Normal (N)</source>
            <translation>Normal (N)</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_page.py" />
            <source>Pneumonia (P)</source>
            <translation>Pneumonie (P)</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_page.py" />
            <source>Train with these labels…</source>
            <translation>Mit diesen Labels trainieren…</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_page.py" />
            <source>Undo (Ctrl+Z)</source>
            <translation>Rückgängig (Strg+Z)</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_page.py" />
            <source>Weight of a wrong call in the training</source>
            <translation>Gewicht eines falschen Urteils im Training</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_page.py" />
            <source>Which images</source>
            <translation>Welche Bilder</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_page.py" />
            <source>Writes the labels as decided to a CSV of your own and opens the training panel.</source>
            <translation>Schreibt die entschiedenen Labels in eine eigene CSV und öffnet das Training.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_page.py" />
            <source>decided: {decision}</source>
            <translation>entschieden: {decision}</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/labels_page.py" />
            <source>score {score}</source>
            <translation>Score {score}</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/locks_page.py" />
            <source>A locked test set is never trained on: a training or sweep whose data hold one of its images or patients is refused, wherever they lie. Every look at its figures is counted and stated in the report, since whoever tunes to a test set also learns it. It can be unlocked; that is recorded too.</source>
            <translation>Mit einem gesperrten Testsatz wird nie trainiert: Ein Training oder eine Suche, deren Daten eines seiner Bilder oder einen seiner Patienten enthalten, wird abgelehnt, wo auch immer sie liegen. Jeder Blick auf seine Zahlen wird gezählt und im Bericht genannt, denn wer sich nach einem Testsatz richtet, lernt ihn auch. Er lässt sich entsperren; auch das wird festgehalten.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/locks_page.py" />
            <source>Audit a labelled folder to lock it as a test set.</source>
            <translation>Prüfen Sie einen Ordner mit Labels, um ihn als Testsatz zu sperren.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/locks_page.py" />
            <source>History of the test set</source>
            <translation>Geschichte des Testsatzes</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/locks_page.py" />
            <location filename="../../app/gui/audit/slice_text.py" />
            <location filename="../../app/gui/export/export_dialog.py" />
            <location filename="../../app/gui/training/balance_table.py" />
            <location filename="../../app/review/report/charts.py" />
            <location filename="../../app/review/report/model_page/figures.py" />
            <location filename="../../app/review/report/model_page/out_of_distribution.py" />
            <location filename="../../app/review/report/model_page/page.py" />
            <location filename="../../app/training/data/findings_text.py" />
            <source>Images</source>
            <translation>Bilder</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/locks_page.py" />
            <source>Images of this folder are locked since {day}. Looks at their figures: {looks:,}.</source>
            <translation>Bilder dieses Ordners sind seit {day} gesperrt. Blicke auf ihre Zahlen: {looks:,}.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/locks_page.py" />
            <source>Lock this folder as a test set</source>
            <translation>Diesen Ordner als Testsatz sperren</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/locks_page.py" />
            <source>Looking whether this folder is locked…</source>
            <translation>Sehe nach, ob dieser Ordner gesperrt ist…</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/locks_page.py" />
            <source>Looks</source>
            <translation>Blicke</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/locks_page.py" />
            <location filename="../../app/gui/audit/source_bar.py" />
            <location filename="../../app/gui/commands/tool_bar.py" />
            <location filename="../../app/gui/models/models_table.py" />
            <location filename="../../app/gui/prediction/model_chooser.py" />
            <location filename="../../app/gui/prediction/prediction_panel.py" />
            <location filename="../../app/gui/training/text.py" />
            <location filename="../../app/review/export/pdf_parts.py" />
            <location filename="../../app/review/report/sources_page.py" />
            <source>Model</source>
            <translation>Modell</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/locks_page.py" />
            <location filename="../../app/gui/training/balance_table.py" />
            <location filename="../../app/gui/training/data_section.py" />
            <location filename="../../app/review/report/model_page/figures.py" />
            <source>Patients</source>
            <translation>Patienten</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/locks_page.py" />
            <location filename="../../app/gui/sweep/leaderboard_model.py" />
            <location filename="../../app/review/export/pdf.py" />
            <location filename="../../app/review/report/sources_page.py" />
            <source>Reason</source>
            <translation>Grund</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/locks_page.py" />
            <location filename="../../app/gui/models/models_table.py" />
            <location filename="../../app/gui/sweep/leaderboard_model.py" />
            <location filename="../../app/gui/sweep/study_list.py" />
            <location filename="../../app/gui/training/runs_table.py" />
            <location filename="../../app/gui/worklist/text.py" />
            <location filename="../../app/gui/worklist/view.py" />
            <source>State</source>
            <translation>Zustand</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/locks_page.py" />
            <source>Test lock</source>
            <translation>Testsperre</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/locks_page.py" />
            <source>Test set</source>
            <translation>Testsatz</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/locks_page.py" />
            <source>Test sets</source>
            <translation>Testsätze</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/locks_page.py" />
            <source>This folder is not locked: it may be trained on.</source>
            <translation>Dieser Ordner ist nicht gesperrt: Mit ihm darf trainiert werden.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/locks_page.py" />
            <source>This folder was locked once, and is not now: it may be trained on.</source>
            <translation>Dieser Ordner war einmal gesperrt und ist es nicht mehr: Mit ihm darf trainiert werden.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/locks_page.py" />
            <source>Unlock</source>
            <translation>Entsperren</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/locks_page.py" />
            <source>Unlock…</source>
            <translation>Entsperren…</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/locks_page.py" />
            <source>What</source>
            <translation>Was</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/locks_page.py" />
            <source>When (UTC)</source>
            <translation>Wann (UTC)</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/locks_page.py" />
            <source>Where</source>
            <translation>Wo</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/locks_page.py" />
            <source>Why may it be trained on? The reason stands in every later report.</source>
            <translation>Warum darf damit trainiert werden? Der Grund steht in jedem späteren Bericht.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/locks_page.py" />
            <source>figures looked at</source>
            <translation>Zahlen angesehen</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/locks_page.py" />
            <source>locked</source>
            <translation>gesperrt</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/locks_page.py" />
            <source>training refused</source>
            <translation>Training abgelehnt</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/locks_page.py" />
            <source>unlocked</source>
            <translation>entsperrt</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/maps_page.py" />
            <location filename="../../app/gui/audit/models_page.py" />
            <location filename="../../app/gui/audit/report_page.py" />
            <location filename="../../app/gui/audit/start_page.py" />
            <location filename="../../app/gui/common/prompt.py" />
            <location filename="../../app/gui/common/status_line.py" />
            <location filename="../../app/gui/export/export_question.py" />
            <location filename="../../app/gui/models/model_page_window.py" />
            <location filename="../../app/gui/models/models_dialog.py" />
            <location filename="../../app/gui/network/send_dialog.py" />
            <location filename="../../app/gui/settings/settings_dialog.py" />
            <location filename="../../app/gui/verdict/reader_dialog.py" />
            <source>Cancel</source>
            <translation>Abbrechen</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/maps_page.py" />
            <source>Choose a method and make the maps: of each cell of the confusion matrix up to {count} images.</source>
            <translation>Wählen Sie ein Verfahren und lassen Sie die Karten rechnen: von jedem Feld der Vierfeldertafel bis zu {count} Bilder.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/maps_page.py" />
            <source>Heatmaps</source>
            <translation>Heatmaps</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/maps_page.py" />
            <source>Make the maps</source>
            <translation>Karten rechnen</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/maps_page.py" />
            <source>Method of the heatmaps</source>
            <translation>Verfahren der Heatmaps</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/maps_page.py" />
            <source>Scores here are out of fold; the maps are of the model itself, which was trained on these images.</source>
            <translation>Die Werte hier stammen aus der Kreuzvalidierung; die Karten sind vom Modell selbst, das mit diesen Bildern trainiert wurde.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/maps_page.py" />
            <source>Share of the maps' mass outside the box around the lungs or the body, found by image processing: an estimate, and none where no lungs are found. Deletion and insertion: area under the curve of the probability while the places of the highest evidence are blurred away or put back first; low and high are good, beside a random order.</source>
            <translation>Anteil der Karten außerhalb des Rahmens um Lungen oder Körper, den eine Bildverarbeitung findet: eine Schätzung, und keine, wo keine Lungen gefunden werden. Löschen und Einfügen: Fläche unter der Kurve der Wahrscheinlichkeit, während die Stellen mit den stärksten Hinweisen zuerst verwischt oder zuerst wieder eingesetzt werden; niedrig und hoch sind gut, neben einer zufälligen Reihenfolge.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/maps_page.py" />
            <source>The maps were made at the threshold {threshold:.3f}: make them again for the cells of the one in use.</source>
            <translation>Die Karten wurden bei der Schwelle {threshold:.3f} gerechnet: Rechnen Sie sie neu für die Felder der jetzigen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/maps_text.py" />
            <source>, {empty} maps empty</source>
            <translation>, {empty} Karten leer</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/maps_text.py" />
            <source>With random weights in place of the trained ones the maps change, as they must: rank correlation {value:.2f} ({low:.2f} to {high:.2f}, {images} images; flagged from 0.5 on).</source>
            <translation>Mit zufälligen statt der gelernten Gewichte ändern sich die Karten, wie es sein muss: Rangkorrelation {value:.2f} ({low:.2f} bis {high:.2f}, {images} Bilder; beanstandet ab 0,5).</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/maps_text.py" />
            <source>n = {count:,}, all of them</source>
            <translation>n = {count:,}, alle</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/maps_text.py" />
            <source>n = {looked} of {count:,}, drawn at random</source>
            <translation>n = {looked} von {count:,}, zufällig gezogen</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/maps_text.py" />
            <source>not known</source>
            <translation>nicht bekannt</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/maps_text.py" />
            <source>{share}, n = {images}</source>
            <translation>{share}, n = {images}</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/maps_text.py" />
            <source>{value:.2f} (random {random:.2f})</source>
            <translation>{value:.2f} (zufällig {random:.2f})</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/maps_text.py" />
            <source>▲ Do not trust these maps: with random weights in place of the trained ones they hardly change (rank correlation {value:.2f}, {low:.2f} to {high:.2f}, {images} images). They show the image, not what the network learnt.</source>
            <translation>▲ Diesen Karten ist nicht zu trauen: Mit zufälligen statt der gelernten Gewichte ändern sie sich kaum (Rangkorrelation {value:.2f}, {low:.2f} bis {high:.2f}, {images} Bilder). Sie zeigen das Bild, nicht was das Netz gelernt hat.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/matrix_view.py" />
            <source>All images</source>
            <translation>Alle Bilder</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/matrix_view.py" />
            <source>Click shows them, Ctrl+click adds them.</source>
            <translation>Klick zeigt sie, Strg+Klick fügt sie hinzu.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/matrix_view.py" />
            <source>Labelled normal: {n:,}</source>
            <translation>Label normal: {n:,}</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/matrix_view.py" />
            <source>Labelled pneumonia: {n:,}</source>
            <translation>Label Pneumonie: {n:,}</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/matrix_view.py" />
            <source>called normal</source>
            <translation>als normal gemeldet</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/matrix_view.py" />
            <source>called pneumonia</source>
            <translation>als Pneumonie gemeldet</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/matrix_view.py" />
            <source>{cell} ({name}): {count:,} of {of:,}</source>
            <translation>{cell} ({name}): {count:,} von {of:,}</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/models_page.py" />
            <source>A CSV of all images that one of the two calls wrongly, with both scores.</source>
            <translation>Eine CSV aller Bilder, die eines der beiden falsch beurteilt, mit beiden Werten.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/models_page.py" />
            <source>All images of this kind in the gallery below.</source>
            <translation>Alle Bilder dieser Art in der Galerie darunter.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/models_page.py" />
            <source>Each on the scale of its own model.</source>
            <translation>Jede auf der Skala ihres eigenen Modells.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/models_page.py" />
            <source>Heatmaps of both (H)</source>
            <translation>Heatmaps beider (H)</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/models_page.py" />
            <source>Heatmaps of both…</source>
            <translation>Heatmaps beider …</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/models_page.py" />
            <source>Images on which one of the two was trained: its own scores of them flatter it.</source>
            <translation>Bilder, an denen eines der beiden trainiert wurde: Seine eigenen Werte von ihnen schmeicheln ihm.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/models_page.py" />
            <source>Model beside the audited one</source>
            <translation>Modell neben dem geprüften</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/models_page.py" />
            <source>Next</source>
            <translation>Weiter</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/models_page.py" />
            <source>Open</source>
            <translation>Öffnen</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/models_page.py" />
            <source>Operating point of the second model</source>
            <translation>Arbeitspunkt des zweiten Modells</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/models_page.py" />
            <source>Previous</source>
            <translation>Zurück</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/models_page.py" />
            <source>Put beside</source>
            <translation>Danebenstellen</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/models_page.py" />
            <source>Save list</source>
            <translation>Liste speichern</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/models_page.py" />
            <source>Save list…</source>
            <translation>Liste speichern …</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/models_page.py" />
            <source>Saved: {path}</source>
            <translation>Gespeichert: {path}</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/models_page.py" />
            <source>Tables (*.csv)</source>
            <translation>Tabellen (*.csv)</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/models_page.py" />
            <source>The figures are being worked out…</source>
            <translation>Die Kennzahlen werden berechnet …</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/models_page.py" />
            <source>The image after (Space, Down)</source>
            <translation>Das Bild danach (Leertaste, Pfeil runter)</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/models_page.py" />
            <source>The image before (Shift+Space, Up)</source>
            <translation>Das Bild davor (Umschalt+Leertaste, Pfeil hoch)</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/models_page.py" />
            <source>Training images too</source>
            <translation>Auch Trainingsbilder</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/models_page.py" />
            <source>Two models</source>
            <translation>Zwei Modelle</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/models_page.py" />
            <source>Walk the images of this kind in the reading window (Enter).</source>
            <translation>Die Bilder dieser Art im Befundungsfenster durchgehen (Eingabe).</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/models_page.py" />
            <location filename="../../app/gui/audit/tile.py" />
            <location filename="../../app/gui/audit/tips.py" />
            <location filename="../../app/gui/audit/walk_bar.py" />
            <source>label: {label}</source>
            <translation>Label: {label}</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/models_page.py" />
            <source>two-models</source>
            <translation>zwei-modelle</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/models_page.py" />
            <location filename="../../app/gui/audit/walk_bar.py" />
            <source>{place:,} of {count:,}</source>
            <translation>{place:,} von {count:,}</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/models_page.py" />
            <source>{point} ({threshold:.3f})</source>
            <translation>{point} ({threshold:.3f})</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/notes.py" />
            <source>Fewer</source>
            <translation>Weniger</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/notes.py" />
            <source>{n} more</source>
            <translation>{n} weitere</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/pair_view.py" />
            <source>No image is of this kind at these thresholds.</source>
            <translation>Bei diesen Schwellen ist kein Bild von dieser Art.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/pair_view.py" />
            <source>no heatmap</source>
            <translation>keine Heatmap</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/pair_view.py" />
            <source>{model}: {score}, called {call} (threshold {threshold:.3f})</source>
            <translation>{model}: {score}, beurteilt als {call} (Schwelle {threshold:.3f})</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/report_page.py" />
            <source>A report on this audit for those who were not here: the figures with their intervals, curves, slices with the worst first, the worst misses, which threshold would suit this site and how sure that is, and the hashes of data and model. Calls are made at the threshold on the left.</source>
            <translation>Ein Bericht über diese Prüfung für alle, die nicht dabei waren: die Zahlen mit ihren Intervallen, Kurven, Teilmengen mit der schlechtesten zuerst, die schlimmsten Fehler, welche Schwelle zu diesem Haus passen würde und wie sicher das ist, und die Hashes von Daten und Modell. Eingestuft wird an der Schwelle links.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/report_page.py" />
            <source>Cancelled: nothing was written.</source>
            <translation>Abgebrochen: nichts wurde geschrieben.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/report_page.py" />
            <source>Name files, patients, the folder and the CSV</source>
            <translation>Dateien, Patienten, den Ordner und die CSV benennen</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/report_page.py" />
            <source>Open the report</source>
            <translation>Bericht öffnen</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/report_page.py" />
            <source>PDF, HTML or JSON, by the name's suffix</source>
            <translation>PDF, HTML oder JSON, nach der Endung des Namens</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/report_page.py" />
            <source>Picture {done} of {total}</source>
            <translation>Bild {done} von {total}</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/report_page.py" />
            <source>Pictures done</source>
            <translation>Fertige Bilder</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/report_page.py" />
            <source>Pictures of the twelve worst misses, with heatmaps</source>
            <translation>Bilder der zwölf schlimmsten Fehler, mit Heatmaps</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/report_page.py" />
            <source>Report</source>
            <translation>Bericht</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/report_page.py" />
            <source>Save report</source>
            <translation>Bericht speichern</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/report_page.py" />
            <source>Save report…</source>
            <translation>Bericht speichern…</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/report_page.py" />
            <source>The report is written.</source>
            <translation>Der Bericht ist geschrieben.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/report_page.py" />
            <source>Without names, pictures are told apart by the beginning of their content hash, and a value that fewer than five patients share is not named.</source>
            <translation>Ohne Namen unterscheiden sich die Bilder durch den Anfang ihres Inhalts-Hashs, und ein Wert, den weniger als fünf Patienten teilen, wird nicht genannt.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/report_page.py" />
            <source>Working out the figures…</source>
            <translation>Die Zahlen werden berechnet…</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/report_page.py" />
            <source>site-report</source>
            <translation>pruefbericht</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/slice_text.py" />
            <source>Against all other images: p = {p:.4f} ({test}), adjusted {adjusted:.4f}.</source>
            <translation>Gegen alle anderen Bilder: p = {p:.4f} ({test}), korrigiert {adjusted:.4f}.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/slice_text.py" />
            <source>All images: undefined.</source>
            <translation>Alle Bilder: nicht definiert.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/slice_text.py" />
            <source>All images: {value} ({interval}).</source>
            <translation>Alle Bilder: {value} ({interval}).</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/slice_text.py" />
            <source>Each slice is compared with all other images, by Fisher's exact test, or by shuffling whole patients where some have several images. The p-values are adjusted for all slices of the table (Holm): where no slice differs, the chance that any p falls below 0.05 is 5 %. Slices whose figure rests on few patients are not tested and stand last.</source>
            <translation>Jede Teilgruppe wird mit allen anderen Bildern verglichen: mit Fishers exaktem Test oder, wo manche Patienten mehrere Bilder haben, durch Mischen ganzer Patienten. Die p-Werte sind für alle Teilgruppen der Tabelle korrigiert (Holm): Wo sich keine unterscheidet, liegt die Wahrscheinlichkeit, dass irgendein p unter 0,05 fällt, bei 5 %. Teilgruppen, deren Kennzahl auf wenigen Patienten beruht, werden nicht getestet und stehen am Ende.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/slice_text.py" />
            <source>Interval: {method}.</source>
            <translation>Intervall: {method}.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/slice_text.py" />
            <source>No slices by: {columns}.</source>
            <translation>Keine Teilgruppen nach: {columns}.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/slice_text.py" />
            <source>Normals</source>
            <translation>Normalbefunde</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/slice_text.py" />
            <source>PNEUMONIA {ill:,}, NORMAL {healthy:,}; what the figure rests on: {images}, {patients}.</source>
            <translation>PNEUMONIA {ill:,}, NORMAL {healthy:,}; worauf die Kennzahl beruht: {images}, {patients}.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/slice_text.py" />
            <source>Pneumonias</source>
            <translation>Pneumonien</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/slice_text.py" />
            <source>p: against all other images, by patient, adjusted for {tests} tests.</source>
            <translation>p: gegen alle anderen Bilder, nach Patienten, für {tests} Tests korrigiert.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/slice_text.py" />
            <source>p: against all other images, by patient.</source>
            <translation>p: gegen alle anderen Bilder, nach Patienten.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/slice_text.py" />
            <source>{column}: {value}</source>
            <translation>{column}: {value}</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/slice_text.py" />
            <source>{slice}: all images</source>
            <translation>{slice}: alle Bilder</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/slice_text.py" />
            <source>{slice}: normals</source>
            <translation>{slice}: Normalbefunde</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/slice_text.py" />
            <source>{slice}: pneumonias</source>
            <translation>{slice}: Pneumonien</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/slice_text.py" />
            <source>○: fewer than {n} patients.</source>
            <translation>○: weniger als {n} Patienten.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/slices_model.py" />
            <location filename="../../app/review/report/model_page/figures.py" />
            <location filename="../../app/review/report/slices_page.py" />
            <source>Slice</source>
            <translation>Teilmenge</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/slices_model.py" />
            <source>not tested</source>
            <translation>nicht getestet</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/slices_model.py" />
            <source>p (Holm)</source>
            <translation>p (Holm)</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/slices_model.py" />
            <source>value {number}</source>
            <translation>Wert {number}</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/slices_page.py" />
            <source>All columns</source>
            <translation>Alle Spalten</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/slices_page.py" />
            <source>Audit a folder to see its slices.</source>
            <translation>Prüfen Sie einen Ordner, um seine Teilgruppen zu sehen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/slices_page.py" />
            <source>Figure of the slices</source>
            <translation>Kennzahl der Teilgruppen</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/slices_page.py" />
            <source>Nothing is known by which the images could be cut into slices. Put a CSV beside the images, or choose one as labels: each of its columns (view, sex, age, scanner, ward) makes slices.</source>
            <translation>Es ist nichts bekannt, wonach sich die Bilder in Teilgruppen teilen ließen. Legen Sie eine CSV neben die Bilder oder wählen Sie eine für die Labels: Jede ihrer Spalten (Projektion, Geschlecht, Alter, Gerät, Station) ergibt Teilgruppen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/slices_page.py" />
            <source>Slices</source>
            <translation>Teilgruppen</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/slices_page.py" />
            <source>Slices by which column</source>
            <translation>Teilgruppen nach welcher Spalte</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/slices_page.py" />
            <source>Slices, the worst first</source>
            <translation>Teilgruppen, die schlechteste zuerst</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/slices_page.py" />
            <source>The slices are being worked out…</source>
            <translation>Die Teilgruppen werden berechnet …</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/source_bar.py" />
            <source>A CSV with a path and a label for each image</source>
            <translation>Eine CSV mit Pfad und Label je Bild</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/source_bar.py" />
            <source>Audit another labelled folder (Ctrl+O)</source>
            <translation>Einen anderen gelabelten Ordner auditieren (Strg+O)</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/source_bar.py" />
            <source>CSV: {name}</source>
            <translation>CSV: {name}</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/source_bar.py" />
            <source>Folder…</source>
            <translation>Ordner …</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/source_bar.py" />
            <source>Images that the model was trained on take the score of a network from its cross-validation that never saw their patient. Without it the figures flatter.</source>
            <translation>Bilder, mit denen das Modell trainiert wurde, bekommen den Wert eines Netzes aus seiner Kreuzvalidierung, das ihren Patienten nie gesehen hat. Ohne das schmeicheln die Zahlen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/source_bar.py" />
            <source>Labels:</source>
            <translation>Labels:</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/source_bar.py" />
            <source>Model:</source>
            <translation>Modell:</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/source_bar.py" />
            <source>Out of fold</source>
            <translation>Out of fold</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/source_bar.py" />
            <location filename="../../app/gui/training/data_section.py" />
            <source>Tables (*.csv *.tsv *.txt);;All files (*)</source>
            <translation>Tabellen (*.csv *.tsv *.txt);;Alle Dateien (*)</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/source_bar.py" />
            <source>a CSV…</source>
            <translation>eine CSV …</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/source_bar.py" />
            <source>active ({name})</source>
            <translation>aktiv ({name})</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/source_bar.py" />
            <source>all verdicts</source>
            <translation>alle Urteile</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/source_bar.py" />
            <source>subfolders</source>
            <translation>Unterordner</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/source_bar.py" />
            <source>verdicts given blind</source>
            <translation>blind gegebene Urteile</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/start_page.py" />
            <source>An audit scores every labelled image once, and shows where the model fails: on which images, on whom, and by how much.
Labels come from subfolders NORMAL and PNEUMONIA, from a CSV with a path and a label, or from readers' verdicts. Nothing is ever written into the folder.</source>
            <translation>Ein Audit bewertet jedes gelabelte Bild einmal und zeigt, wo das Modell versagt: bei welchen Bildern, bei wem und wie sehr.
Labels kommen aus den Unterordnern NORMAL und PNEUMONIA, aus einer CSV mit Pfad und Label oder aus Urteilen von Befundern. In den Ordner wird nie geschrieben.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/start_page.py" />
            <source>Choose a labelled folder…</source>
            <translation>Gelabelten Ordner wählen …</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/start_page.py" />
            <source>Drop a labelled folder here</source>
            <translation>Gelabelten Ordner hier ablegen</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/start_page.py" />
            <source>Images: {done:,} of {total:,}</source>
            <translation>Bilder: {done:,} von {total:,}</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/start_page.py" />
            <source>Looking for images and labels…</source>
            <translation>Bilder und Labels werden gesucht …</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/start_page.py" />
            <source>Progress of the audit</source>
            <translation>Fortschritt des Audits</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/text.py" />
            <source>All called normal</source>
            <translation>Alle als normal gemeldet</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/text.py" />
            <source>All called pneumonia</source>
            <translation>Alle als Pneumonie gemeldet</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/text.py" />
            <source>All normals</source>
            <translation>Alle Normalen</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/text.py" />
            <source>All pneumonias</source>
            <translation>Alle Pneumonien</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/text.py" />
            <source>All right calls</source>
            <translation>Alle richtigen Befunde</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/text.py" />
            <source>All scored images</source>
            <translation>Alle bewerteten Bilder</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/text.py" />
            <source>False alarms</source>
            <translation>Fehlalarme</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/text.py" />
            <source>Missed pneumonias</source>
            <translation>Übersehene Pneumonien</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/text.py" />
            <source>Normals left alone</source>
            <translation>Normale, zu Recht nicht gemeldet</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/text.py" />
            <source>Out of fold: scored by a network that never saw this patient.</source>
            <translation>Out of fold: bewertet von einem Netz, das diesen Patienten nie gesehen hat.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/text.py" />
            <source>Pneumonias found</source>
            <translation>Gefundene Pneumonien</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/text.py" />
            <source>The model was trained on a copy of this image: the score flatters.</source>
            <translation>Das Modell wurde mit einer Kopie dieses Bildes trainiert: der Wert schmeichelt.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/text.py" />
            <source>The model was trained on this image: the score flatters.</source>
            <translation>Das Modell wurde mit diesem Bild trainiert: der Wert schmeichelt.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/text.py" />
            <source>false alarm</source>
            <translation>Fehlalarm</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/text.py" />
            <source>false negative</source>
            <translation>falsch negativ</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/text.py" />
            <source>false positive</source>
            <translation>falsch positiv</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/text.py" />
            <source>found</source>
            <translation>gefunden</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/text.py" />
            <source>left alone</source>
            <translation>nicht gemeldet</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/text.py" />
            <source>missed</source>
            <translation>übersehen</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/text.py" />
            <source>true negative</source>
            <translation>richtig negativ</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/text.py" />
            <source>true positive</source>
            <translation>richtig positiv</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/threshold_bar.py" />
            <source>The model's own threshold: {threshold:.3f}</source>
            <translation>Schwellenwert des Modells selbst: {threshold:.3f}</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/threshold_bar.py" />
            <location filename="../../app/review/report/charts.py" />
            <location filename="../../app/review/report/model_page/figures.py" />
            <location filename="../../app/review/report/sources_page.py" />
            <source>Threshold</source>
            <translation>Schwellenwert</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/tile.py" />
            <source>heatmap…</source>
            <translation>Heatmap …</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/tile.py" />
            <source>no evidence for pneumonia</source>
            <translation>kein Hinweis auf Pneumonie</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/tile.py" />
            <location filename="../../app/gui/audit/walk_bar.py" />
            <location filename="../../app/review/report/model_page/further.py" />
            <source>out of fold</source>
            <translation>out of fold</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/tile.py" />
            <location filename="../../app/gui/models/text.py" />
            <location filename="../../app/review/report/model_page/page.py" />
            <source>trained on</source>
            <translation>trainiert an</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/tips.py" />
            <location filename="../../app/review/audit/columns.py" />
            <source>Age group</source>
            <translation>Altersgruppe</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/tips.py" />
            <location filename="../../app/review/audit/columns.py" />
            <source>Pneumonia kind</source>
            <translation>Art der Pneumonie</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/tips.py" />
            <location filename="../../app/review/audit/columns.py" />
            <source>Sex</source>
            <translation>Geschlecht</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/tips.py" />
            <location filename="../../app/gui/worklist/text.py" />
            <location filename="../../app/review/audit/columns.py" />
            <source>View</source>
            <translation>Proj.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/tips.py" />
            <source>patient: {patient}</source>
            <translation>Patient: {patient}</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/tips.py" />
            <source>{what} ({name}): score {score}, threshold {threshold:.3f}</source>
            <translation>{what} ({name}): Wert {score}, Schwellenwert {threshold:.3f}</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/two_models_controller.py" />
            <source>All images ({images:,}) are of patients on whom one of the two models was trained, and there are no out-of-fold scores of them. Training images too shows them all the same: their scores flatter the model.</source>
            <translation>Alle Bilder ({images:,}) stammen von Patienten, an denen eines der beiden Modelle trainiert wurde, und es gibt keine Out-of-fold-Werte von ihnen. „Auch Trainingsbilder“ zeigt sie trotzdem: Ihre Werte schmeicheln dem Modell.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/two_models_controller.py" />
            <source>Audit a folder first: two models are compared on its images.</source>
            <translation>Prüfen Sie zuerst einen Ordner: Zwei Modelle werden an seinen Bildern verglichen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/two_models_controller.py" />
            <source>Choose a model to see beside {model}. Both judge the same images; what one of the two has scored before is not scored again.</source>
            <translation>Wählen Sie ein Modell, das neben {model} stehen soll. Beide beurteilen dieselben Bilder; was eines der beiden schon bewertet hat, wird nicht noch einmal bewertet.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/two_models_controller.py" />
            <source>Only one of the two has scored 1 image: left out.</source>
            <translation>1 Bild hat nur eines der beiden bewertet: weggelassen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/two_models_controller.py" />
            <source>Only one of the two has scored {n:,} images: left out.</source>
            <translation>{n:,} Bilder hat nur eines der beiden bewertet: weggelassen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/walk_bar.py" />
            <source>Back to the audit (Esc)</source>
            <translation>Zurück zum Audit (Esc)</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/walk_bar.py" />
            <source>audited score {score}, threshold {threshold:.3f}</source>
            <translation>Wert im Audit {score}, Schwellenwert {threshold:.3f}</translation>
        </message>
        <message>
            <location filename="../../app/gui/audit/walk_bar.py" />
            <source>blinded: label and score are hidden</source>
            <translation>verblindet: Label und Wert sind verborgen</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/display.py" />
            <source>Heatmap: black to yellow (inferno)</source>
            <translation>Heatmap: schwarz bis gelb (inferno)</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/display.py" />
            <source>Heatmap: blue to yellow (viridis)</source>
            <translation>Heatmap: blau bis gelb (viridis)</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/display.py" />
            <source>Heatmap: blue to yellow, muted (cividis)</source>
            <translation>Heatmap: blau bis gelb, gedämpft (cividis)</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/display.py" />
            <source>Heatmap: purple to cream (magma)</source>
            <translation>Heatmap: violett bis creme (magma)</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/display.py" />
            <source>Next frame</source>
            <translation>Nächstes Einzelbild</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/display.py" />
            <source>Overlays of the file</source>
            <translation>Overlays der Datei</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/display.py" />
            <source>Play or stop</source>
            <translation>Abspielen oder anhalten</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/display.py" />
            <source>Previous frame</source>
            <translation>Voriges Einzelbild</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/display.py" />
            <source>Shutter of the file</source>
            <translation>Blende der Datei</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/display.py" />
            <source>The image's own windows, one after the other</source>
            <translation>Die Fenster des Bildes, eins nach dem anderen</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/display.py" />
            <source>Window panel with histogram</source>
            <translation>Fensterleiste mit Histogramm</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/display.py" />
            <source>Window: automatic</source>
            <translation>Fenster: automatisch</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/display.py" />
            <source>Window: bone</source>
            <translation>Fenster: Knochen</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/display.py" />
            <source>Window: lungs</source>
            <translation>Fenster: Lunge</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/display.py" />
            <source>Window: mediastinum</source>
            <translation>Fenster: Mediastinum</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/file.py" />
            <source>Cancel scoring</source>
            <translation>Bewertung abbrechen</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/file.py" />
            <source>Export image…</source>
            <translation>Bild exportieren …</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/file.py" />
            <source>Export list…</source>
            <translation>Liste exportieren …</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/file.py" />
            <location filename="../../app/gui/common/empty_state.py" />
            <source>Open files…</source>
            <translation>Dateien öffnen …</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/file.py" />
            <location filename="../../app/gui/common/empty_state.py" />
            <source>Open folder…</source>
            <translation>Ordner öffnen …</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/file.py" />
            <source>Open inbox</source>
            <translation>Posteingang öffnen</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/file.py" />
            <source>Quit</source>
            <translation>Beenden</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/file.py" />
            <source>Score the rest</source>
            <translation>Den Rest bewerten</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/help.py" />
            <location filename="../../app/gui/main_window.py" />
            <source>About Opacity</source>
            <translation>Über Opacity</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/help.py" />
            <location filename="../../app/gui/models/model_page_window.py" />
            <source>About this model</source>
            <translation>Über dieses Modell</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/help.py" />
            <location filename="../../app/gui/common/shortcuts_sheet.py" />
            <source>Keyboard shortcuts</source>
            <translation>Tastenkürzel</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/image.py" />
            <location filename="../../app/gui/common/gestures.py" />
            <source>Fit</source>
            <translation>Einpassen</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/image.py" />
            <source>Flip left and right</source>
            <translation>Links und rechts spiegeln</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/image.py" />
            <source>Heatmap</source>
            <translation>Heatmap</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/image.py" />
            <source>Heatmap as contour lines</source>
            <translation>Heatmap als Höhenlinien</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/image.py" />
            <source>Heatmap stronger</source>
            <translation>Heatmap stärker</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/image.py" />
            <source>Heatmap weaker</source>
            <translation>Heatmap schwächer</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/image.py" />
            <source>Heatmap: evidence toward normal</source>
            <translation>Heatmap: Hinweise auf normal</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/image.py" />
            <source>Invert</source>
            <translation>Invertieren</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/image.py" />
            <source>One to one</source>
            <translation>Eins zu eins</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/image.py" />
            <source>Prior beside it</source>
            <translation>Voraufnahme daneben</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/image.py" />
            <source>Reset zoom, window and rotation</source>
            <translation>Zoom, Fenster und Drehung zurücksetzen</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/image.py" />
            <source>Rotate left</source>
            <translation>Nach links drehen</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/image.py" />
            <source>Rotate right</source>
            <translation>Nach rechts drehen</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/image.py" />
            <source>Tags…</source>
            <translation>Tags …</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/image.py" />
            <location filename="../../app/gui/viewer/input_pane.py" />
            <source>What the network saw</source>
            <translation>Was das Netz sah</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/image.py" />
            <source>Zoom in</source>
            <translation>Vergrößern</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/image.py" />
            <source>Zoom out</source>
            <translation>Verkleinern</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/measure.py" />
            <location filename="../../app/gui/viewer/tools/mark_painting.py" />
            <source>Angle</source>
            <translation>Winkel</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/measure.py" />
            <source>Cardiothoracic ratio</source>
            <translation>Herz-Thorax-Quotient</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/measure.py" />
            <location filename="../../app/gui/viewer/tools/mark_painting.py" />
            <source>Distance</source>
            <translation>Abstand</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/measure.py" />
            <source>Draw a region, next shape</source>
            <translation>Region zeichnen, nächste Form</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/measure.py" />
            <location filename="../../app/gui/viewer/tools/mark_painting.py" />
            <source>Ellipse</source>
            <translation>Ellipse</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/measure.py" />
            <source>Magnifier</source>
            <translation>Lupe</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/measure.py" />
            <source>Name the selected region…</source>
            <translation>Gewählte Region benennen …</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/measure.py" />
            <location filename="../../app/gui/viewer/tools/mark_painting.py" />
            <source>Polygon</source>
            <translation>Polygon</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/measure.py" />
            <location filename="../../app/gui/viewer/tools/mark_painting.py" />
            <source>Rectangle</source>
            <translation>Rechteck</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/measure.py" />
            <source>Remove what is selected</source>
            <translation>Gewähltes entfernen</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/reading.py" />
            <location filename="../../app/gui/verdict/verdict_bar.py" />
            <source>Acknowledge that the file cannot be read</source>
            <translation>Zur Kenntnis nehmen, dass die Datei nicht lesbar ist</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/reading.py" />
            <location filename="../../app/gui/verdict/verdict_bar.py" />
            <source>Agree</source>
            <translation>Richtig</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/reading.py" />
            <source>Blinded: judge before the network is shown</source>
            <translation>Verblindet: urteilen, bevor das Netz gezeigt wird</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/reading.py" />
            <location filename="../../app/gui/verdict/verdict_bar.py" />
            <source>Disagree</source>
            <translation>Falsch</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/reading.py" />
            <location filename="../../app/gui/verdict/verdict_bar.py" />
            <location filename="../../app/review/export/pdf.py" />
            <source>Key image</source>
            <translation>Schlüsselbild</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/reading.py" />
            <source>My label: normal</source>
            <translation>Mein Label: normal</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/reading.py" />
            <source>My label: pneumonia</source>
            <translation>Mein Label: Pneumonie</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/reading.py" />
            <source>Next unread image</source>
            <translation>Nächstes ungelesenes Bild</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/reading.py" />
            <source>Redo verdict</source>
            <translation>Urteil wiederherstellen</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/reading.py" />
            <source>Undo verdict</source>
            <translation>Urteil zurücknehmen</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/reading.py" />
            <location filename="../../app/gui/verdict/verdict_bar.py" />
            <location filename="../../app/gui/worklist/text.py" />
            <location filename="../../app/review/export/pdf_parts.py" />
            <source>Unsure</source>
            <translation>Unsicher</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/reading.py" />
            <source>Who reads…</source>
            <translation>Wer befundet …</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/reading.py" />
            <source>Write a note</source>
            <translation>Notiz schreiben</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/tool_bar.py" />
            <source>Tools</source>
            <translation>Werkzeuge</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/tools.py" />
            <source>Audit a labelled folder…</source>
            <translation>Gelabelten Ordner auditieren …</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/tools.py" />
            <source>Back to the audit</source>
            <translation>Zurück zum Audit</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/tools.py" />
            <source>Listen for new images</source>
            <translation>Auf neue Bilder warten</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/tools.py" />
            <source>Models…</source>
            <translation>Modelle …</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/tools.py" />
            <source>Operating point…</source>
            <translation>Arbeitspunkt …</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/tools.py" />
            <source>Settings…</source>
            <translation>Einstellungen …</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/tools.py" />
            <source>Sweeps…</source>
            <translation>Sweeps …</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/view.py" />
            <source>Clear the filter</source>
            <translation>Filter aufheben</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/view.py" />
            <source>Columns of the list…</source>
            <translation>Spalten der Liste …</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/view.py" />
            <source>Filter the list</source>
            <translation>Liste filtern</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/view.py" />
            <source>Fold or unfold Could not be read</source>
            <translation>Nicht lesbar ein- oder ausklappen</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/view.py" />
            <source>Fold or unfold Read</source>
            <translation>Gelesen ein- oder ausklappen</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/view.py" />
            <source>Full screen</source>
            <translation>Vollbild</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/view.py" />
            <source>Hide identity</source>
            <translation>Identität verbergen</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/view.py" />
            <location filename="../../app/gui/common/gestures.py" />
            <source>Next image</source>
            <translation>Nächstes Bild</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/view.py" />
            <location filename="../../app/gui/common/gestures.py" />
            <source>Previous image</source>
            <translation>Voriges Bild</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/view.py" />
            <source>Thumbnails</source>
            <translation>Vorschaubilder</translation>
        </message>
        <message>
            <location filename="../../app/gui/commands/view.py" />
            <source>Training panel</source>
            <translation>Trainingsleiste</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/actions.py" />
            <source>&amp;Display</source>
            <translation>An&amp;zeige</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/actions.py" />
            <source>&amp;File</source>
            <translation>&amp;Datei</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/actions.py" />
            <source>&amp;Help</source>
            <translation>&amp;Hilfe</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/actions.py" />
            <source>&amp;Image</source>
            <translation>&amp;Bild</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/actions.py" />
            <source>&amp;Measure</source>
            <translation>&amp;Messen</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/actions.py" />
            <source>&amp;Reading</source>
            <translation>Be&amp;funden</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/actions.py" />
            <source>&amp;Tools</source>
            <translation>E&amp;xtras</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/actions.py" />
            <source>&amp;View</source>
            <translation>&amp;Ansicht</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/curves.py" />
            <source>Accuracy and AUC</source>
            <translation>Genauigkeit und AUC</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/curves.py" />
            <source>Accuracy and AUC, by epoch</source>
            <translation>Genauigkeit und AUC, nach Epochen</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/curves.py" />
            <source>Learning rate, by epoch</source>
            <translation>Lernrate, nach Epochen</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/curves.py" />
            <source>Learning rate, by epoch: {rates:.2g}, at most {peak:.2g}</source>
            <translation>Lernrate, nach Epochen: {rates:.2g}, höchstens {peak:.2g}</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/curves.py" />
            <location filename="../../app/gui/sweep/leaderboard_model.py" />
            <location filename="../../app/gui/sweep/trial_panel.py" />
            <source>Loss</source>
            <translation>Loss</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/curves.py" />
            <source>Solid with discs: training. Dashed with squares: validation. Dotted with triangles: validation AUC. Star: the epoch that is kept.</source>
            <translation>Durchgezogen mit Scheiben: Training. Gestrichelt mit Quadraten: Validierung. Gepunktet mit Dreiecken: Validierungs-AUC. Stern: die Epoche, die behalten wird.</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/curves.py" />
            <source>kept</source>
            <translation>behalten</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/curves.py" />
            <source>learning rate</source>
            <translation>Lernrate</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/curves.py" />
            <location filename="../../app/gui/sweep/trial_panel.py" />
            <location filename="../../app/jobs/training_process.py" />
            <source>training</source>
            <translation>Training</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/curves.py" />
            <location filename="../../app/gui/sweep/trial_panel.py" />
            <location filename="../../app/training/data/text.py" />
            <source>validation</source>
            <translation>Validierung</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/curves.py" />
            <location filename="../../app/gui/sweep/text.py" />
            <source>validation AUC</source>
            <translation>Validierungs-AUC</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/curves.py" />
            <source>{name} of the training run</source>
            <translation>{name} des Trainingslaufs</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/dialogs.py" />
            <source>Licences</source>
            <translation>Lizenzen</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/dialogs.py" />
            <source>Nothing leaves this computer unless you send it, and nothing is written into the folders that are opened.</source>
            <translation>Nichts verlässt diesen Rechner, wenn Sie es nicht senden, und in die geöffneten Ordner wird nichts geschrieben.</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/dialogs.py" />
            <source>Opacity reviews chest X-rays beside a convolutional network: it scores, explains and sorts them. A score is a hint to a reader, never a diagnosis. What the network cannot judge is listed under “Needs your eyes”.</source>
            <translation>Opacity sieht Thorax-Röntgenbilder gemeinsam mit einem Faltungsnetz durch: es bewertet, erklärt und sortiert sie. Ein Score ist ein Hinweis für Befunder, nie eine Diagnose. Was das Netz nicht beurteilen kann, steht unter „Braucht Ihren Blick“.</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/empty_state.py" />
            <source>Drop a folder of chest X-rays here</source>
            <translation>Ziehen Sie einen Ordner mit Thorax-Röntgenbildern hierher</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/empty_state.py" />
            <source>Every image in it, and below it, is scored, explained and sorted.
PNG, JPEG, TIFF and DICOM. Nothing is ever written into the folder.</source>
            <translation>Jedes Bild darin und darunter wird bewertet, erklärt und sortiert.
PNG, JPEG, TIFF und DICOM. In den Ordner wird nie etwas geschrieben.</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>+ and -, or Ctrl and wheel</source>
            <translation>+ und -, oder Strg und Rad</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Arrow keys</source>
            <translation>Pfeiltasten</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Arrow keys, Enter sets a point</source>
            <translation>Pfeiltasten, Eingabetaste setzt einen Punkt</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Click its heading</source>
            <translation>Auf ihre Überschrift klicken</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Ctrl and click</source>
            <translation>Strg und Klick</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Ctrl and wheel</source>
            <translation>Strg und Mausrad</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Ctrl+Page down, Ctrl+Page up</source>
            <translation>Strg+Bild ab, Strg+Bild auf</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Double click</source>
            <translation>Doppelklick</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Double click, or Enter</source>
            <translation>Doppelklick oder Eingabetaste</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Down</source>
            <translation>Abwärts</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Drag its handle, or its line</source>
            <translation>Den Griff oder die Linie ziehen</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Draw without a mouse</source>
            <translation>Ohne Maus zeichnen</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Enter, or double click</source>
            <translation>Eingabe oder Doppelklick</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Esc</source>
            <translation>Esc</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Fold a group</source>
            <translation>Eine Gruppe zuklappen</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Heatmaps in the gallery</source>
            <translation>Heatmaps in der Galerie</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Images of a further cell too</source>
            <translation>Auch die Bilder einer weiteren Zelle</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Larger or smaller pictures</source>
            <translation>Größere oder kleinere Bilder</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Left- or right-drag</source>
            <translation>Mit linker oder rechter Taste ziehen</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Level</source>
            <translation>Fenstermitte</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>List</source>
            <translation>Liste</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Measures and regions</source>
            <translation>Messungen und Regionen</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Middle-drag, or Space and left-drag</source>
            <translation>Mit mittlerer Taste ziehen, oder Leertaste und links ziehen</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Mouse on the image</source>
            <translation>Maus auf dem Bild</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Move a point, or the whole</source>
            <translation>Einen Punkt oder das Ganze verschieben</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Move it by ten pixels</source>
            <translation>Um zehn Pixel verschieben</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Move the point by a pixel</source>
            <translation>Den Punkt um ein Pixel verschieben</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Name a region</source>
            <translation>Eine Region benennen</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Next or previous page</source>
            <translation>Nächste oder vorige Seite</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Next point</source>
            <translation>Nächster Punkt</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Open the image, and walk on with N</source>
            <translation>Bild öffnen, mit N weitergehen</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Pan</source>
            <translation>Verschieben</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Put the tool away</source>
            <translation>Das Werkzeug weglegen</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Shift and arrow keys</source>
            <translation>Umschalt und Pfeiltasten</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Shift and wheel</source>
            <translation>Umschalt und Mausrad</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Tab</source>
            <translation>Tab</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>To the matrix, the gallery, the threshold</source>
            <translation>Zur Matrix, zur Galerie, zum Schwellenwert</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Up</source>
            <translation>Aufwärts</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Wheel</source>
            <translation>Mausrad</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <location filename="../../app/gui/main_window.py" />
            <source>Window</source>
            <translation>Fenster</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Window and level</source>
            <translation>Fensterbreite und -mitte</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/gestures.py" />
            <source>Zoom at the cursor</source>
            <translation>Zoom am Mauszeiger</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/help_line.py" />
            <location filename="../../app/gui/training/training_settings.py" />
            <source>Help on the setting</source>
            <translation>Hilfe zur Einstellung</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/help_line.py" />
            <location filename="../../app/gui/training/training_form.py" />
            <source>Point at a setting, or move to it, to read what it does.</source>
            <translation>Zeigen Sie auf eine Einstellung oder gehen Sie zu ihr, um zu lesen, was sie tut.</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/keymap.py" />
            <source>confirms what is asked</source>
            <translation>bestätigt, was gefragt wird</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/keymap.py" />
            <source>moves to the next control</source>
            <translation>geht zum nächsten Bedienelement</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/keymap.py" />
            <source>moves to the previous control</source>
            <translation>geht zum vorigen Bedienelement</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/keymap.py" />
            <source>pans the image while it is held</source>
            <translation>verschiebt das Bild, solange sie gehalten wird</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/keymap.py" />
            <source>walks through lists and tables</source>
            <translation>läuft durch Listen und Tabellen</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/leaving.py" />
            <source>A sweep is running</source>
            <translation>Ein Sweep läuft</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/leaving.py" />
            <source>A training is running</source>
            <translation>Ein Training läuft</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/leaving.py" />
            <source>Close anyway</source>
            <translation>Trotzdem schließen</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/leaving.py" />
            <source>Closing the window ends the sweep with it. Every trial that is done is kept, and the sweep goes on later where it was; the trials under way are tried again then.</source>
            <translation>Mit dem Fenster endet auch der Sweep. Jeder fertige Versuch bleibt, und der Sweep geht später dort weiter, wo er war; laufende Versuche werden dann neu begonnen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/leaving.py" />
            <source>Closing the window ends the training with it. Stopping keeps the best weights so far as a model; closing anyway loses the run.</source>
            <translation>Mit dem Fenster endet auch das Training. Anhalten behält die bisher besten Gewichte als Modell; trotzdem zu schließen verliert den Lauf.</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/leaving.py" />
            <source>Do not close</source>
            <translation>Nicht schließen</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/leaving.py" />
            <source>Keep sweeping</source>
            <translation>Weitermachen</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/leaving.py" />
            <source>Keep training</source>
            <translation>Weiter trainieren</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/leaving.py" />
            <source>Stop and keep the best so far</source>
            <translation>Anhalten und das bisher Beste behalten</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/leaving.py" />
            <source>Stop the sweep and close</source>
            <translation>Sweep anhalten und schließen</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/leaving.py" />
            <source>Stopping the sweep: its trials under way are being ended, which takes some seconds. The window closes by itself then.</source>
            <translation>Der Sweep wird angehalten: laufende Versuche werden beendet, was einige Sekunden dauert. Danach schließt sich das Fenster von selbst.</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/leaving.py" />
            <source>Stopping the training: the best so far is being tested and saved, which may take a few minutes. The window closes by itself once it is kept.</source>
            <translation>Das Training wird angehalten: das bisher Beste wird geprüft und gespeichert, was einige Minuten dauern kann. Das Fenster schließt sich von selbst, sobald es gespeichert ist.</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/message_box.py" />
            <source>And {number} more.</source>
            <translation>Und {number} weitere.</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/message_box.py" />
            <source>Last lines of the training log</source>
            <translation>Letzte Zeilen des Trainingsprotokolls</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/notice_bar.py" />
            <location filename="../../app/gui/common/shortcuts_sheet.py" />
            <location filename="../../app/gui/export/export_dialog.py" />
            <location filename="../../app/gui/models/model_page_window.py" />
            <location filename="../../app/gui/models/models_dialog.py" />
            <location filename="../../app/gui/network/send_dialog.py" />
            <location filename="../../app/gui/sweep/sweep_window.py" />
            <location filename="../../app/gui/training/augmentation_dialog.py" />
            <source>Close</source>
            <translation>Schließen</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/notice_bar.py" />
            <source>Copy</source>
            <translation>Kopieren</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/notice_bar.py" />
            <location filename="../../app/gui/prediction/prediction_panel.py" />
            <source>Details</source>
            <translation>Einzelheiten</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/notice_bar.py" />
            <source>Next ({waiting})</source>
            <translation>Weiter ({waiting})</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/notifications.py" />
            <source>Go on, or restart Opacity if it misbehaves. Details can be copied for a report.</source>
            <translation>Arbeiten Sie weiter, oder starten Sie Opacity neu, wenn es sich falsch verhält. Einzelheiten lassen sich für einen Bericht kopieren.</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/notifications.py" />
            <source>Something went wrong that Opacity did not expect: {name}.</source>
            <translation>Etwas ging schief, womit Opacity nicht gerechnet hat: {name}.</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/notifications.py" />
            <source>Your images are untouched.</source>
            <translation>Ihre Bilder sind unverändert.</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/notifications.py" />
            <source>unknown place</source>
            <translation>Ort unbekannt</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/notifications.py" />
            <source>{name}, line {lineno}</source>
            <translation>{name}, Zeile {lineno}</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/path_label.py" />
            <source>No folder chosen</source>
            <translation>Kein Ordner gewählt</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/privacy.py" />
            <source>Image {number}</source>
            <translation>Bild {number}</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/privacy.py" />
            <source>Other image {number}</source>
            <translation>Anderes Bild {number}</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/privacy.py" />
            <source>Path {number}</source>
            <translation>Pfad {number}</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/prompt.py" />
            <location filename="../../app/gui/settings/pages/nodes.py" />
            <location filename="../../app/gui/viewer/tags_model.py" />
            <location filename="../../app/gui/worklist/text.py" />
            <source>Name</source>
            <translation>Name</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/shortcuts_sheet.py" />
            <source>Change keys…</source>
            <translation>Tasten ändern …</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/shortcuts_sheet.py" />
            <source>Nothing of that name or key.</source>
            <translation>Nichts mit diesem Namen oder dieser Taste.</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/shortcuts_sheet.py" />
            <location filename="../../app/gui/settings/pages/keyboard.py" />
            <source>Search for a command or a key</source>
            <translation>Nach einem Befehl oder einer Taste suchen</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/status_line.py" />
            <source>  ·  {rate:,.0f} images/s</source>
            <translation>  ·  {rate:,.0f} Bilder/s</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/status_line.py" />
            <source>  ·  {seconds_left} left</source>
            <translation>  ·  noch {seconds_left}</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/status_line.py" />
            <source>Looking for images: {found:,} found</source>
            <translation>Bilder werden gesucht: {found:,} gefunden</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/status_line.py" />
            <location filename="../../app/gui/models/model_page_window.py" />
            <location filename="../../app/gui/models/models_dialog.py" />
            <location filename="../../app/gui/network/send_dialog.py" />
            <location filename="../../app/gui/training/training_panel.py" />
            <source>Progress</source>
            <translation>Fortschritt</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/status_line.py" />
            <location filename="../../app/gui/settings/settings_desk.py" />
            <source>Stop; what has been scored stays</source>
            <translation>Anhalten; was bewertet ist, bleibt</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/status_line.py" />
            <source>{done:,} of {total:,} scored</source>
            <translation>{done:,} von {total:,} bewertet</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/wording.py" />
            <source>If pneumonia, bacterial or viral cannot be told: {p:.2f} for bacterial</source>
            <translation>Falls Pneumonie, nicht zu sagen, ob bakteriell oder viral: {p:.2f} für bakteriell</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/wording.py" />
            <source>If pneumonia, rather bacterial than viral: {p:.2f}</source>
            <translation>Wenn Pneumonie, eher bakteriell als viral: {p:.2f}</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/wording.py" />
            <source>If pneumonia, rather viral than bacterial: {p:.2f}</source>
            <translation>Wenn Pneumonie, eher viral als bakteriell: {p:.2f}</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/wording.py" />
            <source>Learnt from children whose pneumonia was called bacterial or viral in one hospital. It is no microbiology, knows no mixed infection and no other cause, and holds at the share of bacterial pneumonias in that collection. No treatment should rest on it.</source>
            <translation>Gelernt an Kindern, deren Pneumonie in einem Krankenhaus bakteriell oder viral genannt wurde. Es ersetzt keine Mikrobiologie, kennt keine Mischinfektion und keine andere Ursache und gilt beim Anteil bakterieller Pneumonien dieser Sammlung. Keine Behandlung sollte darauf beruhen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/wording.py" />
            <source>No microbiology: no treatment should rest on it.</source>
            <translation>Keine Mikrobiologie: keine Behandlung sollte darauf beruhen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/wording.py" />
            <source>Out of fold. The model itself, trained on this image: {score}</source>
            <translation>Out of fold. Das Modell selbst, das mit diesem Bild trainiert wurde: {score}</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/wording.py" />
            <source>Where several networks, each trained without part of the patients, would mostly lie: two standard deviations of their answers to either side. One network learnt to tell it. It says nothing of what all of them get wrong alike.</source>
            <translation>Wo mehrere Netze, jedes ohne einen Teil der Patienten trainiert, meist lägen: zwei Standardabweichungen ihrer Antworten nach jeder Seite. Ein Netz hat gelernt, das zu sagen. Was alle gleich falsch machen, sagt es nicht.</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/wording.py" />
            <location filename="../../app/review/export/pdf_parts.py" />
            <source>likely between {low} and {high}</source>
            <translation>wohl zwischen {low} und {high}</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/wording.py" />
            <source>{days} d</source>
            <translation>{days} T</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/wording.py" />
            <source>{months} mo</source>
            <translation>{months} Mon</translation>
        </message>
        <message>
            <location filename="../../app/gui/common/wording.py" />
            <source>{years} y</source>
            <translation>{years} J</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/export_desk.py" />
            <source>All {count} of the list</source>
            <translation>Alle {count} der Liste</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/export_desk.py" />
            <source>The export is done: {files}.</source>
            <translation>Der Export ist fertig: {files}.</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/export_desk.py" />
            <source>The files carry the patients' names and IDs.</source>
            <translation>Die Dateien tragen die Namen und IDs der Patienten.</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/export_desk.py" />
            <source>The image in view</source>
            <translation>Das Bild in der Ansicht</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/export_desk.py" />
            <source>The {count} that the filter shows</source>
            <translation>Die {count}, die der Filter zeigt</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/export_desk.py" />
            <source>The {count} with a verdict</source>
            <translation>Die {count} mit einem Urteil</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/export_dialog.py" />
            <source>Cancel the export</source>
            <translation>Den Export abbrechen</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/export_dialog.py" />
            <source>Choose the folder</source>
            <translation>Den Ordner wählen</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/export_dialog.py" />
            <location filename="../../app/gui/settings/pages/export.py" />
            <location filename="../../app/gui/settings/pages/reading.py" />
            <source>Choose…</source>
            <translation>Wählen …</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/export_dialog.py" />
            <location filename="../../app/gui/settings/pages/export.py" />
            <source>Export</source>
            <translation>Exportieren</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/export_dialog.py" />
            <location filename="../../app/gui/settings/pages/export.py" />
            <location filename="../../app/review/report/model_page/page.py" />
            <location filename="../../app/review/report/sources_page.py" />
            <source>Folder</source>
            <translation>Ordner</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/export_dialog.py" />
            <location filename="../../app/gui/settings/pages/export.py" />
            <source>Folder for exports</source>
            <translation>Ordner für Exporte</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/export_dialog.py" />
            <source>Images: {done} of {total}</source>
            <translation>Bilder: {done} von {total}</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/export_dialog.py" />
            <source>Left out, since reading is blinded and they are not judged yet: {count}.</source>
            <translation>Weggelassen, da die Befundung verblindet ist und sie noch nicht beurteilt sind: {count}.</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/export_dialog.py" />
            <source>Move dates, by the same days for each patient</source>
            <translation>Daten verschieben, bei jedem Patienten um gleich viele Tage</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/export_dialog.py" />
            <source>Progress of the export</source>
            <translation>Fortschritt des Exports</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/export_dialog.py" />
            <source>Remove the identity (DICOM PS3.15, basic profile)</source>
            <translation>Identität entfernen (DICOM PS3.15, Basisprofil)</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/export_dialog.py" />
            <source>With heatmap, where there is one</source>
            <translation>Mit Heatmap, wo es eine gibt</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/export_formats.py" />
            <source>DICOM, in the same study</source>
            <translation>DICOM, in derselben Studie</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/export_formats.py" />
            <location filename="../../app/review/report/sources_page.py" />
            <source>Files</source>
            <translation>Dateien</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/export_question.py" />
            <source>A file of that name is there already.</source>
            <translation>Eine Datei dieses Namens ist schon da.</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/export_question.py" />
            <source>Keep both</source>
            <translation>Beide behalten</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/export_question.py" />
            <source>Replace</source>
            <translation>Ersetzen</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/export_question.py" />
            <source>{count} files of these names are there already.</source>
            <translation>{count} Dateien dieser Namen sind schon da.</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/export_result.py" />
            <source>Only DICOM files can be sent.</source>
            <translation>Nur DICOM-Dateien können gesendet werden.</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/export_result.py" />
            <source>Send to…</source>
            <translation>Senden an …</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/export_result.py" />
            <source>Show in folder</source>
            <translation>Im Ordner zeigen</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/export_result.py" />
            <source>What was not written</source>
            <translation>Was nicht geschrieben wurde</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/text.py" />
            <source>({count} images)</source>
            <translation>({count} Bilder)</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/text.py" />
            <source>Cancelled.</source>
            <translation>Abgebrochen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/text.py" />
            <source>For {count} of {all} images. {reason}</source>
            <translation>Für {count} von {all} Bildern. {reason}</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/text.py" />
            <source>Names, IDs, dates, paths, the reader and all free text are left out; UIDs are replaced.</source>
            <translation>Namen, IDs, Daten, Pfade, der Befunder und aller Freitext bleiben weg; UIDs werden ersetzt.</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/text.py" />
            <source>One file was written.</source>
            <translation>Eine Datei wurde geschrieben.</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/text.py" />
            <source>Only where the identity is removed: see below.</source>
            <translation>Nur, wo die Identität entfernt wird: siehe unten.</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/text.py" />
            <source>PDF report</source>
            <translation>PDF-Bericht</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/text.py" />
            <source>Picture: image with heatmap (PNG)</source>
            <translation>Bilddatei: Bild mit Heatmap (PNG)</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/text.py" />
            <source>Picture: what is on the screen (PNG)</source>
            <translation>Bilddatei: was auf dem Bildschirm ist (PNG)</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/text.py" />
            <source>Presentation state: drawn regions and window</source>
            <translation>Presentation State: gezeichnete Regionen und Fenster</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/text.py" />
            <source>Secondary Capture: image with heatmap</source>
            <translation>Secondary Capture: Bild mit Heatmap</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/text.py" />
            <source>Structured Report: score and verdict</source>
            <translation>Structured Report: Score und Urteil</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/text.py" />
            <source>Table for a program (JSON)</source>
            <translation>Tabelle für ein Programm (JSON)</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/text.py" />
            <source>Table for a spreadsheet (CSV)</source>
            <translation>Tabelle für die Tabellenkalkulation (CSV)</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/text.py" />
            <source>The files carry names, IDs and dates of the patients, and the reader's name.</source>
            <translation>Die Dateien tragen Namen, IDs und Daten der Patienten sowie den Namen des Befunders.</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/text.py" />
            <source>The image itself, de-identified</source>
            <translation>Das Bild selbst, de-identifiziert</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/text.py" />
            <source>one image</source>
            <translation>ein Bild</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/text.py" />
            <source>{count} could not be written; see below.</source>
            <translation>{count} konnten nicht geschrieben werden; siehe unten.</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/text.py" />
            <source>{count} files were written.</source>
            <translation>{count} Dateien wurden geschrieben.</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/text.py" />
            <source>{count} images</source>
            <translation>{count} Bilder</translation>
        </message>
        <message>
            <location filename="../../app/gui/export/text.py" />
            <source>{format}: not for {images}. {reason}</source>
            <translation>{format}: nicht für {images}. {reason}</translation>
        </message>
        <message>
            <location filename="../../app/gui/main_window.py" />
            <source>All files (*);;Images (*.png *.jpg *.jpeg *.tif *.tiff *.dcm *.dicom)</source>
            <translation>Alle Dateien (*);;Bilder (*.png *.jpg *.jpeg *.tif *.tiff *.dcm *.dicom)</translation>
        </message>
        <message>
            <location filename="../../app/gui/main_window.py" />
            <source>Open a folder of chest X-rays</source>
            <translation>Einen Ordner mit Thorax-Röntgenbildern öffnen</translation>
        </message>
        <message>
            <location filename="../../app/gui/main_window.py" />
            <source>Open chest X-rays</source>
            <translation>Thorax-Röntgenbilder öffnen</translation>
        </message>
        <message>
            <location filename="../../app/gui/main_window.py" />
            <source>Prediction</source>
            <translation>Vorhersage</translation>
        </message>
        <message>
            <location filename="../../app/gui/main_window.py" />
            <location filename="../../app/gui/sweep/leaderboard_model.py" />
            <source>Training</source>
            <translation>Training</translation>
        </message>
        <message>
            <location filename="../../app/gui/main_window.py" />
            <source>Worklist</source>
            <translation>Arbeitsliste</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/model_page_window.py" />
            <source>About the model {title}</source>
            <translation>Über das Modell {title}</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/model_page_window.py" />
            <source>Failures in your copy of the data</source>
            <translation>Fehler in der eigenen Kopie der Daten</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/model_page_window.py" />
            <source>Show the failures in your copy of the data…</source>
            <translation>Die Fehler in der eigenen Kopie der Daten zeigen…</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/model_page_window.py" />
            <source>Your copy of the data that the model was measured on</source>
            <translation>Die eigene Kopie der Daten, an denen das Modell gemessen wurde</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_controller.py" />
            <source>A model named {taken} is already there. Import it as:</source>
            <translation>Ein Modell namens {taken} ist schon da. Importieren als:</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_controller.py" />
            <source>Cancelled; nothing has changed.</source>
            <translation>Abgebrochen; nichts hat sich geändert.</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_controller.py" />
            <source>Choose another place for the file.</source>
            <translation>Wählen Sie einen anderen Ort für die Datei.</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_controller.py" />
            <source>Exporting {name}</source>
            <translation>{name} wird exportiert</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_controller.py" />
            <source>Import it as:</source>
            <translation>Importieren als:</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_controller.py" />
            <location filename="../../app/gui/prediction/model_chooser.py" />
            <source>It does not tell NORMAL from PNEUMONIA.</source>
            <translation>Es unterscheidet NORMAL nicht von PNEUMONIA.</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_controller.py" />
            <location filename="../../app/gui/prediction/model_chooser.py" />
            <source>It has no operating point.</source>
            <translation>Es hat keinen Arbeitspunkt.</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_controller.py" />
            <source>It is the active model.</source>
            <translation>Es ist das aktive Modell.</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_controller.py" />
            <source>No model is chosen.</source>
            <translation>Es ist kein Modell gewählt.</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_controller.py" />
            <source>Nothing is ever written into a folder of images.</source>
            <translation>In einen Ordner mit Bildern wird nie etwas geschrieben.</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_controller.py" />
            <source>Promote all the same</source>
            <translation>Trotzdem aktivieren</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_controller.py" />
            <source>The model {name} lacks: {missing}. Make it the active model all the same?</source>
            <translation>Dem Modell {name} fehlt: {missing}. Trotzdem zum aktiven Modell machen?</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_controller.py" />
            <source>Wait until the task has ended.</source>
            <translation>Warten Sie, bis die Aufgabe beendet ist.</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_controller.py" />
            <source>{chosen} was imported. It is not active; read its card before you promote it.</source>
            <translation>{chosen} wurde importiert. Es ist nicht aktiv; lesen Sie seine Karte, bevor Sie es aktivieren.</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_controller.py" />
            <source>{comparing} {chosen} with {active}</source>
            <translation>{comparing} {chosen} mit {active}</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_controller.py" />
            <source>{doing}: {done:,} of {total:,} scores</source>
            <translation>{doing}: {done:,} von {total:,} Scores</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_controller.py" />
            <source>{doing}…</source>
            <translation>{doing} …</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_controller.py" />
            <source>{file} lies in {path}, which is open for review.</source>
            <translation>{file} liegt in {path}, das zum Befunden geöffnet ist.</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_controller.py" />
            <source>{result} was written to {result2}.</source>
            <translation>{result} wurde in {result2} geschrieben.</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_controller.py" />
            <source>{} is the active model again.</source>
            <translation>{} ist wieder das aktive Modell.</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_controller.py" />
            <source>{} is the active model now.</source>
            <translation>{} ist jetzt das aktive Modell.</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_dialog.py" />
            <source>Card</source>
            <translation>Karte</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_dialog.py" />
            <source>Card of the chosen model</source>
            <translation>Karte des gewählten Modells</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_dialog.py" />
            <source>Compare with active…</source>
            <translation>Mit aktivem vergleichen …</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_dialog.py" />
            <source>Comparison</source>
            <translation>Vergleich</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_dialog.py" />
            <source>Export the model</source>
            <translation>Das Modell exportieren</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_dialog.py" />
            <source>Export…</source>
            <translation>Exportieren …</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_dialog.py" />
            <source>Folder with the subfolders NORMAL and PNEUMONIA</source>
            <translation>Ordner mit den Unterordnern NORMAL und PNEUMONIA</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_dialog.py" />
            <source>Give up; nothing changes.</source>
            <translation>Aufgeben; nichts ändert sich.</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_dialog.py" />
            <source>Import a model</source>
            <translation>Ein Modell importieren</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_dialog.py" />
            <source>Import…</source>
            <translation>Importieren …</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_dialog.py" />
            <source>Make the chosen model the active one.</source>
            <translation>Das gewählte Modell zum aktiven machen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_dialog.py" />
            <source>Make {back_to}, which was active before, the active model again.</source>
            <translation>{back_to}, das zuvor aktiv war, wieder zum aktiven Modell machen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_dialog.py" />
            <location filename="../../app/gui/models/models_table.py" />
            <source>Models</source>
            <translation>Modelle</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_dialog.py" />
            <source>No model was active before this one.</source>
            <translation>Vor diesem war kein Modell aktiv.</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_dialog.py" />
            <source>Opacity models (*.opacity)</source>
            <translation>Opacity-Modelle (*.opacity)</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_dialog.py" />
            <location filename="../../app/gui/training/training_result.py" />
            <source>Promote</source>
            <translation>Aktivieren</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_dialog.py" />
            <source>Roll back</source>
            <translation>Zurückkehren</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_dialog.py" />
            <source>Roll back to {back_to}</source>
            <translation>Zurück zu {back_to}</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_dialog.py" />
            <source>Score a labelled folder with both models.</source>
            <translation>Einen Ordner mit bekannten Klassen mit beiden Modellen bewerten.</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_dialog.py" />
            <source>Take a model's file in among your models.</source>
            <translation>Die Datei eines Modells zu Ihren Modellen nehmen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_dialog.py" />
            <source>Write the chosen model as one file, without anything private.</source>
            <translation>Das gewählte Modell als eine Datei schreiben, ohne irgendetwas Privates.</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_dialog.py" />
            <source>{files};;All files (*)</source>
            <translation>{files};;Alle Dateien (*)</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_table.py" />
            <source>AUC, held out (95 %)</source>
            <translation>AUC, zurückgehalten (95 %)</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_table.py" />
            <location filename="../../app/gui/sweep/sweep_form.py" />
            <source>Network</source>
            <translation>Netz</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_table.py" />
            <location filename="../../app/gui/prediction/operating_point_box.py" />
            <location filename="../../app/gui/training/text.py" />
            <location filename="../../app/review/export/pdf_parts.py" />
            <source>Operating point</source>
            <translation>Arbeitspunkt</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_table.py" />
            <source>Origin</source>
            <translation>Herkunft</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_table.py" />
            <source>active</source>
            <translation>aktiv</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_table.py" />
            <source>not usable</source>
            <translation>nicht verwendbar</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/models_table.py" />
            <source>other classes</source>
            <translation>andere Klassen</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <source>  and {number} more</source>
            <translation>  und {number} weitere</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <source>  {image:.3f} → {image2:.3f}  {image3}</source>
            <translation>  {image:.3f} → {image2:.3f}  {image3}</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <source>  {key} {figures}</source>
            <translation>  {key} {figures}</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <source> ({figures} images)</source>
            <translation> ({figures} Bilder)</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <source>AGAINST THE MODEL THAT WAS ACTIVE THEN</source>
            <translation>GEGENÜBER DEM DAMALS AKTIVEN MODELL</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <source>Classes: {classes}</source>
            <translation>Klassen: {classes}</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <source>DATA</source>
            <translation>DATEN</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <source>FIGURES</source>
            <translation>ZAHLEN</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <source>INTENDED USE AND LIMITS</source>
            <translation>ZWECK UND GRENZEN</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <source>LICENCE</source>
            <translation>LIZENZ</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <source>MISSING</source>
            <translation>ES FEHLT</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <source>Network {arch}, input {input_size} × {input_size} grey; {origin}; made {day}</source>
            <translation>Netz {arch}, Eingang {input_size} × {input_size} grau; {origin}; erstellt {day}</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <location filename="../../app/review/report/model_page/page.py" />
            <source>The card names none.</source>
            <translation>Die Karte nennt keine.</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <source>The card says nothing of it.</source>
            <translation>Die Karte sagt nichts darüber.</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <source>The card's comparison cannot be read.</source>
            <translation>Der Vergleich auf der Karte kann nicht gelesen werden.</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <source>ages of the patients: {low:g} to {high:g} years</source>
            <translation>Alter der Patienten: {low:g} bis {high:g} Jahre</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <source>calibration error: {error}</source>
            <translation>Kalibrierungsfehler: {error}</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <source>fitness gate: a caution above {caution:g}, no score above {refuse:.2f} times the unlikeness that is usual among held-out patients</source>
            <translation>Eignungsprüfung: ein Hinweis über {caution:g}, kein Score über dem {refuse:.2f}-Fachen der Unähnlichkeit, die bei zurückgehaltenen Patienten üblich ist</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <location filename="../../app/review/report/model_page/page.py" />
            <source>held out</source>
            <translation>zurückgehalten</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <source>held-out patients</source>
            <translation>zurückgehaltene Patienten</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <source>newly false alarm</source>
            <translation>neuer Fehlalarm</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <location filename="../../app/gui/training/data_window.py" />
            <location filename="../../app/gui/training/training_fields.py" />
            <location filename="../../app/gui/viewer/image_notes.py" />
            <location filename="../../app/inference/registry/models.py" />
            <location filename="../../app/review/comparison/evaluation.py" />
            <location filename="../../app/training/data/layout.py" />
            <source>none</source>
            <translation>keine</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <source>not calibrated</source>
            <translation>nicht kalibriert</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <location filename="../../app/review/report/model_page/targets.py" />
            <source>not measured</source>
            <translation>nicht gemessen</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <source>operating point: {card}</source>
            <translation>Arbeitspunkt: {card}</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <source>split: {split}</source>
            <translation>Aufteilung: {split}</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <source>the recipe</source>
            <translation>das Verfahren</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <location filename="../../app/review/report/model_page/page.py" />
            <source>watched in training</source>
            <translation>im Training beobachtet</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <source>{estimate:.3f} ({low:.3f}-{high:.3f})</source>
            <translation>{estimate:.3f} ({low:.3f}-{high:.3f})</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <source>{files}: {scored} scored, {refused} refused, {unreadable} unreadable.</source>
            <translation>{files}: {scored} mit Score, {refused} abgelehnt, {unreadable} unlesbar.</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <source>{name} cannot be used.

{error}</source>
            <translation>{name} kann nicht verwendet werden.

{error}</translation>
        </message>
        <message>
            <location filename="../../app/gui/models/text.py" />
            <source>{replace} ({count}): {words}</source>
            <translation>{replace} ({count}): {words}</translation>
        </message>
        <message>
            <location filename="../../app/gui/network/listening_sign.py" />
            <source>Listening</source>
            <translation>Empfang</translation>
        </message>
        <message>
            <location filename="../../app/gui/network/listening_sign.py" />
            <source>{count} new in the inbox</source>
            <translation>{count} neu im Posteingang</translation>
        </message>
        <message>
            <location filename="../../app/gui/network/send_dialog.py" />
            <source>File</source>
            <translation>Datei</translation>
        </message>
        <message>
            <location filename="../../app/gui/network/send_dialog.py" />
            <source>Files and what became of them</source>
            <translation>Dateien und was aus ihnen wurde</translation>
        </message>
        <message>
            <location filename="../../app/gui/network/send_dialog.py" />
            <source>No node is set up yet: Settings, DICOM nodes.</source>
            <translation>Noch ist kein Knoten eingerichtet: Einstellungen, DICOM-Knoten.</translation>
        </message>
        <message>
            <location filename="../../app/gui/network/send_dialog.py" />
            <source>Node</source>
            <translation>Knoten</translation>
        </message>
        <message>
            <location filename="../../app/gui/network/send_dialog.py" />
            <source>Nodes…</source>
            <translation>Knoten …</translation>
        </message>
        <message>
            <location filename="../../app/gui/network/send_dialog.py" />
            <source>Nothing was sent</source>
            <translation>Nichts wurde gesendet</translation>
        </message>
        <message>
            <location filename="../../app/gui/network/send_dialog.py" />
            <location filename="../../app/gui/training/training_result.py" />
            <source>Result</source>
            <translation>Ergebnis</translation>
        </message>
        <message>
            <location filename="../../app/gui/network/send_dialog.py" />
            <source>Send</source>
            <translation>Senden</translation>
        </message>
        <message>
            <location filename="../../app/gui/network/send_dialog.py" />
            <source>Send to</source>
            <translation>Senden an</translation>
        </message>
        <message>
            <location filename="../../app/gui/network/send_dialog.py" />
            <source>encrypted</source>
            <translation>verschlüsselt</translation>
        </message>
        <message>
            <location filename="../../app/gui/network/send_dialog.py" />
            <source>not encrypted</source>
            <translation>nicht verschlüsselt</translation>
        </message>
        <message>
            <location filename="../../app/gui/network/send_dialog.py" />
            <source>{done} of {total}</source>
            <translation>{done} von {total}</translation>
        </message>
        <message>
            <location filename="../../app/gui/network/send_dialog.py" />
            <source>{host}, port {port}, as {calling} to {called}</source>
            <translation>{host}, Port {port}, als {calling} an {called}</translation>
        </message>
        <message>
            <location filename="../../app/gui/network/send_dialog.py" />
            <source>{ok} of {total} sent</source>
            <translation>{ok} von {total} gesendet</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/evidence_text.py" />
            <source>In logit units of the network, before calibration: what the image adds for pneumonia and toward normal, each summed over the map, and the bias, which it says without any evidence. Where they do not add up to the logit, the rest moved the score and is not on the map.</source>
            <translation>In Logit-Einheiten des Netzes, vor der Kalibrierung: was das Bild für Pneumonie und für normal beiträgt, je über die Karte summiert, und der Bias, den es ohne jeden Hinweis sagt. Wo sie nicht den Logit ergeben, hat der Rest den Wert bewegt und steht nicht auf der Karte.</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/evidence_text.py" />
            <source>Logit {logit}: {positive} for pneumonia, {negative} toward normal, bias {bias}, rest {rest}. The map shows {share} % of what moved it.</source>
            <translation>Logit {logit}: {positive} für Pneumonie, {negative} für normal, Bias {bias}, Rest {rest}. Die Karte zeigt {share} % dessen, was ihn bewegt hat.</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/evidence_text.py" />
            <source>Logit {logit}: {positive} for pneumonia, {negative} toward normal, bias {bias}. All of it is on the map.</source>
            <translation>Logit {logit}: {positive} für Pneumonie, {negative} für normal, Bias {bias}. Alles davon steht auf der Karte.</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/evidence_text.py" />
            <source>{scale_words}: at most {share:.0%} ({method}).</source>
            <translation>{scale_words}: höchstens {share:.0%} ({method}).</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/model_chooser.py" />
            <source> (active)</source>
            <translation> (aktiv)</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/model_chooser.py" />
            <source> (not usable)</source>
            <translation> (nicht verwendbar)</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/model_chooser.py" />
            <source>no model</source>
            <translation>kein Modell</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/model_chooser.py" />
            <source>not the active model, for looking only</source>
            <translation>nicht das aktive Modell, nur zur Ansicht</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/model_chooser.py" />
            <source>the active model</source>
            <translation>das aktive Modell</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/model_chooser.py" />
            <source>{active}; {origin}, threshold {threshold:.3f}</source>
            <translation>{active}; {origin}, Schwellenwert {threshold:.3f}</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/operating_point_box.py" />
            <source>A probability depends on how many of the patients are ill. The network's was calibrated on patients of whom so many were; at your own prevalence the same image means another one.</source>
            <translation>Eine Wahrscheinlichkeit hängt davon ab, wie viele der Patienten krank sind. Die des Netzes wurde an Patienten kalibriert, von denen so viele es waren; bei Ihrer eigenen Prävalenz bedeutet dasselbe Bild eine andere.</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/operating_point_box.py" />
            <source>How many of your own patients have pneumonia; the network cannot know it.</source>
            <translation>Wie viele Ihrer eigenen Patienten eine Pneumonie haben; das Netz kann es nicht wissen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/operating_point_box.py" />
            <source>Prevalence</source>
            <translation>Prävalenz</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/operating_point_box.py" />
            <source>Prevalence of pneumonia among your patients</source>
            <translation>Prävalenz der Pneumonie unter Ihren Patienten</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/operating_point_box.py" />
            <source>not set</source>
            <translation>nicht gesetzt</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/operating_point_box.py" />
            <location filename="../../app/gui/prediction/probability_scale.py" />
            <location filename="../../app/review/export/pdf_parts.py" />
            <location filename="../../app/review/report/charts.py" />
            <source>threshold {threshold:.3f}</source>
            <translation>Schwellenwert {threshold:.3f}</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/prediction_panel.py" />
            <source>Below threshold</source>
            <translation>Unter der Schwelle</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/prediction_panel.py" />
            <source>Colours the places whose brightness raised the score, from the gradient of the score with respect to the image. It follows single pixels: finer than Grad-CAM, and noisier.</source>
            <translation>Färbt die Stellen, deren Helligkeit den Score erhöht hat, nach dem Gradienten des Scores bezüglich des Bildes. Er folgt einzelnen Pixeln: feiner als Grad-CAM und verrauschter.</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/prediction_panel.py" />
            <location filename="../../app/review/export/pdf_parts.py" />
            <source>For research and triage support, not a medical device.</source>
            <translation>Für Forschung und Triage-Unterstützung, kein Medizinprodukt.</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/prediction_panel.py" />
            <location filename="../../app/review/export/pdf.py" />
            <source>Needs your eyes</source>
            <translation>Braucht Ihren Blick</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/prediction_panel.py" />
            <source>No Grad-CAM: it shows the grid of a network's last convolution, and this network has none.</source>
            <translation>Kein Grad-CAM: es zeigt das Raster der letzten Faltung eines Netzes, und dieses Netz hat keine.</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/prediction_panel.py" />
            <source>No score</source>
            <translation>Kein Score</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/prediction_panel.py" />
            <source>Not judged by the network</source>
            <translation>Vom Netz nicht beurteilt</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/prediction_panel.py" />
            <source>Operating point, evidence, model, device, preprocessing</source>
            <translation>Arbeitspunkt, Evidenz, Modell, Gerät, Vorverarbeitung</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/prediction_panel.py" />
            <location filename="../../app/review/export/pdf_parts.py" />
            <location filename="../../app/review/report/model_page/page.py" />
            <location filename="../../app/review/report/sources_page.py" />
            <source>Preprocessing</source>
            <translation>Vorverarbeitung</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/prediction_panel.py" />
            <location filename="../../app/review/report/charts.py" />
            <source>Probability of pneumonia</source>
            <translation>Wahrscheinlichkeit einer Pneumonie</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/prediction_panel.py" />
            <location filename="../../app/review/export/pdf.py" />
            <source>Read with caution</source>
            <translation>Mit Vorsicht lesen</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/prediction_panel.py" />
            <source>Show input gradient</source>
            <translation>Eingangsgradient zeigen</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/prediction_panel.py" />
            <location filename="../../app/gui/worklist/text.py" />
            <source>Suspicious</source>
            <translation>Verdächtig</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/prediction_panel.py" />
            <source>The image cannot be read</source>
            <translation>Das Bild kann nicht gelesen werden</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/prediction_panel.py" />
            <source>This is not a normal result.</source>
            <translation>Das ist kein Normalbefund.</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/prediction_panel.py" />
            <source>Unsure: look yourself</source>
            <translation>Unsicher: selbst ansehen</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/prediction_panel.py" />
            <location filename="../../app/gui/worklist/delegates.py" />
            <location filename="../../app/gui/worklist/text.py" />
            <source>hidden</source>
            <translation>verborgen</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/prediction_panel.py" />
            <source>not yet scored</source>
            <translation>noch nicht bewertet</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/prediction_panel.py" />
            <source>▲ The file cannot be reached now. This was found while it could.</source>
            <translation>▲ Die Datei ist jetzt nicht erreichbar. Dies wurde gefunden, als sie es war.</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/prediction_panel.py" />
            <source>▲ The heatmap is hottest outside the lungs: a letter, a device or the edge may have moved the score.</source>
            <translation>▲ Die Heatmap ist außerhalb der Lungen am stärksten: Ein Buchstabe, ein Gerät oder der Rand kann den Score bewegt haben.</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/probability_scale.py" />
            <source>Probability {value:.3f}, threshold {threshold:.3f}</source>
            <translation>Wahrscheinlichkeit {value:.3f}, Schwellenwert {threshold:.3f}</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/review_controller.py" />
            <source>Install Opacity again, or train a model in the training panel.</source>
            <translation>Installieren Sie Opacity neu, oder trainieren Sie ein Modell in der Trainingsleiste.</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/review_controller.py" />
            <source>Loading the model {name}…</source>
            <translation>Das Modell {name} wird geladen …</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/review_controller.py" />
            <source>Looking for images…</source>
            <translation>Bilder werden gesucht …</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/review_controller.py" />
            <source>No images here.
Opacity reads PNG, JPEG, TIFF and DICOM files.</source>
            <translation>Hier sind keine Bilder.
Opacity liest PNG-, JPEG-, TIFF- und DICOM-Dateien.</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/review_controller.py" />
            <source>No model: images can be viewed but are not scored.</source>
            <translation>Kein Modell: Bilder lassen sich ansehen, werden aber nicht bewertet.</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/review_controller.py" />
            <source>Opacity brings one with it.</source>
            <translation>Opacity bringt eines mit.</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/review_controller.py" />
            <source>The model {name} is ready: choose it in the model list.</source>
            <translation>Das Modell {name} ist bereit: wählen Sie es in der Modellliste.</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/review_controller.py" />
            <source>There is no model to score with.</source>
            <translation>Es gibt kein Modell zum Bewerten.</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/review_screen.py" />
            <source>Reading the image…</source>
            <translation>Das Bild wird gelesen …</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/review_screen.py" />
            <source>not the active model</source>
            <translation>nicht das aktive Modell</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/triage_text.py" />
            <source>At your prevalence: {p} (the score holds at {holds_at:.0%})</source>
            <translation>Bei Ihrer Prävalenz: {p} (der Score gilt bei {holds_at:.0%})</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/triage_text.py" />
            <source>Measured on {count} patients of the training data, {youngest:.0f} to {oldest:.0f} years old. Other ages, adults among them: not measured.</source>
            <translation>Gemessen an {count} Patienten der Trainingsdaten, {youngest:.0f} bis {oldest:.0f} Jahre alt. Andere Alter, auch Erwachsene: nicht gemessen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/triage_text.py" />
            <source>Measured on {count} patients of the training data.</source>
            <translation>Gemessen an {count} Patienten der Trainingsdaten.</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/triage_text.py" />
            <source>Not calibrated: a score to rank by, no probability.</source>
            <translation>Nicht kalibriert: ein Score zum Ordnen, keine Wahrscheinlichkeit.</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/triage_text.py" />
            <source>Not measured at this patient's age.</source>
            <translation>Nicht gemessen im Alter dieses Patienten.</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/triage_text.py" />
            <source>Not measured for an image without a score.</source>
            <translation>Nicht gemessen für ein Bild ohne Score.</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/triage_text.py" />
            <source>Of 100 patients: {missed} missed, {alarms} false alarms</source>
            <translation>Von 100 Patienten: {missed} übersehen, {alarms} Fehlalarme</translation>
        </message>
        <message>
            <location filename="../../app/gui/prediction/triage_text.py" />
            <source>What it misses and what it calls wrongly was not measured.</source>
            <translation>Was es übersieht und was es falsch meldet, wurde nicht gemessen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/display.py" />
            <source>All of them rise steadily in lightness and can be read with any colour vision. They are the same in every theme.</source>
            <translation>Alle werden stetig heller und sind mit jeder Art Farbsehen lesbar. Sie sind in jedem Thema gleich.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/display.py" />
            <source>Display</source>
            <translation>Anzeige</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/display.py" />
            <source>Heatmap colours</source>
            <translation>Farben der Heatmap</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/display.py" />
            <source>Show overlays that come with a file</source>
            <translation>Overlays zeigen, die eine Datei mitbringt</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/display.py" />
            <source>They are drawn over the image, never into it, and hidden with the identity.</source>
            <translation>Sie werden über das Bild gezeichnet, nie hinein, und mit der Identität verborgen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/display.py" />
            <source>Window and level belong to each image and start as its file asks for.</source>
            <translation>Fensterbreite und -mitte gehören zu jedem Bild und beginnen, wie seine Datei es verlangt.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/export.py" />
            <source>By the same number of days for each patient, so that intervals remain.</source>
            <translation>Bei jedem Patienten um gleich viele Tage, damit Abstände bleiben.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/export.py" />
            <source>Choose the folder for exports</source>
            <translation>Den Ordner für Exporte wählen</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/export.py" />
            <source>DICOM PS3.15, Basic Application Level Confidentiality Profile. The same patient gets the same stand-in in every export from this computer. Text that is burned into the pixels stays.</source>
            <translation>DICOM PS3.15, Basic Application Level Confidentiality Profile. Derselbe Patient bekommt in jedem Export von diesem Rechner denselben Ersatz. Text, der in die Pixel eingebrannt ist, bleibt.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/export.py" />
            <source>Exports are written into a folder, never among the opened images. Nothing leaves this computer unless you send it.</source>
            <translation>Exporte werden in einen Ordner geschrieben, nie zwischen die geöffneten Bilder. Nichts verlässt diesen Rechner, wenn Sie es nicht senden.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/export.py" />
            <source>Mark CSV files as UTF-8 for Excel</source>
            <translation>CSV-Dateien für Excel als UTF-8 kennzeichnen</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/export.py" />
            <source>Move dates instead of removing them</source>
            <translation>Daten verschieben, statt sie zu entfernen</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/export.py" />
            <source>Remove the identity unless I say otherwise</source>
            <translation>Die Identität entfernen, wenn ich nichts anderes sage</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/export.py" />
            <source>Some other programs stumble over the mark: turn it off.</source>
            <translation>Manche anderen Programme stolpern über das Zeichen: dann ausschalten.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/keyboard.py" />
            <location filename="../../app/gui/settings/settings_desk.py" />
            <source> or </source>
            <translation> oder </translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/keyboard.py" />
            <source>Changed</source>
            <translation>Geändert</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/keyboard.py" />
            <source>Choose a command, press its new key in the field below, then Use this key.</source>
            <translation>Wählen Sie einen Befehl, drücken Sie im Feld darunter die neue Taste, dann „Diese Taste verwenden“.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/keyboard.py" />
            <source>Command</source>
            <translation>Befehl</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/keyboard.py" />
            <source>Commands and their keys</source>
            <translation>Befehle und ihre Tasten</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/keyboard.py" />
            <source>Key</source>
            <translation>Taste</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/keyboard.py" />
            <location filename="../../app/gui/settings/settings_desk.py" />
            <source>Keyboard</source>
            <translation>Tastatur</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/keyboard.py" />
            <source>New key</source>
            <translation>Neue Taste</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/keyboard.py" />
            <source>No key</source>
            <translation>Keine Taste</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/keyboard.py" />
            <source>Reset</source>
            <translation>Zurücksetzen</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/keyboard.py" />
            <source>Reset all</source>
            <translation>Alle zurücksetzen</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/keyboard.py" />
            <source>Take it over</source>
            <translation>Übernehmen</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/keyboard.py" />
            <source>Use this key</source>
            <translation>Diese Taste verwenden</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/keyboard.py" />
            <source>changed</source>
            <translation>geändert</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/keyboard.py" />
            <source>{key} belongs to “{owner}”. Taken over, it leaves that command without it.</source>
            <translation>{key} gehört zu „{owner}“. Wird sie übernommen, verliert jener Befehl sie.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/keyboard.py" />
            <source>{key} {what}, and cannot be a command's.</source>
            <translation>{key} {what} und kann keinem Befehl gehören.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/look.py" />
            <source>Dark, for the reading room</source>
            <translation>Dunkel, für den Befundungsraum</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/look.py" />
            <source>Follow the system</source>
            <translation>Wie das System</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/look.py" />
            <source>Language</source>
            <translation>Sprache</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/look.py" />
            <source>Light</source>
            <translation>Hell</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/look.py" />
            <source>Look</source>
            <translation>Aussehen</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/look.py" />
            <source>Takes effect when Opacity is started again.</source>
            <translation>Gilt, sobald Opacity neu gestartet wird.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/look.py" />
            <source>The ground behind an image stays black in every theme.</source>
            <translation>Der Grund hinter einem Bild bleibt in jedem Thema schwarz.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/look.py" />
            <source>Theme</source>
            <translation>Thema</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/new_images.py" />
            <source>127.0.0.1: this computer alone. 0.0.0.0: every network it is in.</source>
            <translation>127.0.0.1: nur dieser Rechner. 0.0.0.0: jedes Netz, in dem er ist.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/new_images.py" />
            <source>A file in PEM form</source>
            <translation>Eine Datei im PEM-Format</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/new_images.py" />
            <source>AE title</source>
            <translation>AE Title</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/new_images.py" />
            <source>AE titles, one a line; with @ and an address or a network, only from there. Empty: every program on this computer.</source>
            <translation>AE Titles, einer je Zeile; mit @ und einer Adresse oder einem Netz nur von dort. Leer: jedes Programm auf diesem Rechner.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/new_images.py" />
            <location filename="../../app/gui/settings/pages/nodes.py" />
            <source>Address</source>
            <translation>Adresse</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/new_images.py" />
            <source>Allowed callers</source>
            <translation>Erlaubte Absender</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/new_images.py" />
            <source>At least one allowed caller is needed.</source>
            <translation>Es braucht mindestens einen erlaubten Absender.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/new_images.py" />
            <source>Beyond this computer, images and names travel unencrypted, and whoever is in the network can try to send. Do this only in a network that you trust.</source>
            <translation>Über diesen Rechner hinaus reisen Bilder und Namen unverschlüsselt, und wer im Netz ist, kann zu senden versuchen. Tun Sie dies nur in einem Netz, dem Sie vertrauen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/new_images.py" />
            <source>Disk kept free</source>
            <translation>Platz, der frei bleibt</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/new_images.py" />
            <source>From one address.</source>
            <translation>Von einer Adresse.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/new_images.py" />
            <source>Images a minute</source>
            <translation>Bilder je Minute</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/new_images.py" />
            <source>Largest image</source>
            <translation>Größtes Bild</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/new_images.py" />
            <source>Listen for images that other DICOM programs send (C-STORE)</source>
            <translation>Bilder empfangen, die andere DICOM-Programme senden (C-STORE)</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/new_images.py" />
            <source>New images</source>
            <translation>Neue Bilder</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/new_images.py" />
            <source>Only senders with a certificate that one in this file vouches for may send. Empty: senders need none.</source>
            <translation>Nur Absender mit einem Zertifikat, für das eines in dieser Datei bürgt, dürfen senden. Leer: Absender brauchen keines.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/new_images.py" />
            <location filename="../../app/gui/settings/pages/nodes.py" />
            <source>Port</source>
            <translation>Port</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/new_images.py" />
            <source>Senders' certificates</source>
            <translation>Zertifikate der Absender</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/new_images.py" />
            <source>Show new images of the opened folders by themselves</source>
            <translation>Neue Bilder der geöffneten Ordner von selbst zeigen</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/new_images.py" />
            <source>TLS certificate</source>
            <translation>TLS-Zertifikat</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/new_images.py" />
            <source>TLS key</source>
            <translation>TLS-Schlüssel</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/new_images.py" />
            <source>The image in view stays in view, whatever arrives. Opacity never writes to a folder that you open.</source>
            <translation>Das Bild in der Ansicht bleibt in der Ansicht, was auch kommt. Opacity schreibt nie in einen Ordner, den Sie öffnen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/new_images.py" />
            <source>What senders have to call.</source>
            <translation>Was Absender rufen müssen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/new_images.py" />
            <source>Whoever is in the network can try to send.</source>
            <translation>Wer im Netz ist, kann zu senden versuchen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/new_images.py" />
            <source>With its key: connections are encrypted.</source>
            <translation>Mit seinem Schlüssel: Verbindungen werden verschlüsselt.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/nodes.py" />
            <source>A PEM file with the certificate that Opacity shows, where the node wants one</source>
            <translation>Eine PEM-Datei mit dem Zertifikat, das Opacity zeigt, wo der Knoten eines verlangt</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/nodes.py" />
            <source>A PEM file with the certificates to trust; empty for those of this system</source>
            <translation>Eine PEM-Datei mit den Zertifikaten, denen vertraut wird; leer für die dieses Systems</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/nodes.py" />
            <source>A PEM file with the private key of our certificate</source>
            <translation>Eine PEM-Datei mit dem privaten Schlüssel unseres Zertifikats</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/nodes.py" />
            <source>A node has no name.</source>
            <translation>Ein Knoten hat keinen Namen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/nodes.py" />
            <source>Add</source>
            <translation>Hinzufügen</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/nodes.py" />
            <source>Ask the chosen node whether it is there (C-ECHO)</source>
            <translation>Den gewählten Knoten fragen, ob er da ist (C-ECHO)</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/nodes.py" />
            <source>Asking {name}…</source>
            <translation>{name} wird gefragt …</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/nodes.py" />
            <source>Certificates</source>
            <translation>Zertifikate</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/nodes.py" />
            <source>Change it in the table.</source>
            <translation>Ändern Sie ihn in der Tabelle.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/nodes.py" />
            <location filename="../../app/gui/worklist/arrivals_desk.py" />
            <source>DICOM nodes</source>
            <translation>DICOM-Knoten</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/nodes.py" />
            <source>Each node needs a name of its own.</source>
            <translation>Jeder Knoten braucht einen eigenen Namen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/nodes.py" />
            <source>Its AE title</source>
            <translation>Sein AE Title</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/nodes.py" />
            <source>Node {number}</source>
            <translation>Knoten {number}</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/nodes.py" />
            <source>Our AE title</source>
            <translation>Unser AE Title</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/nodes.py" />
            <source>Our certificate</source>
            <translation>Unser Zertifikat</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/nodes.py" />
            <source>Our key</source>
            <translation>Unser Schlüssel</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/nodes.py" />
            <source>Remove</source>
            <translation>Entfernen</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/nodes.py" />
            <source>TLS</source>
            <translation>TLS</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/nodes.py" />
            <source>Test</source>
            <translation>Prüfen</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/nodes.py" />
            <source>Two nodes are called “{name}”.</source>
            <translation>Zwei Knoten heißen „{name}“.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/nodes.py" />
            <source>Where exports can be sent to. Nothing is sent but what you send.</source>
            <translation>Wohin Exporte gesendet werden können. Nichts wird gesendet, außer was Sie senden.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/nodes.py" />
            <source>{name} answers ({ms} ms).</source>
            <translation>{name} antwortet ({ms} ms).</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/reading.py" />
            <source>Blinded: hide score and heatmap until I have judged</source>
            <translation>Verblindet: Score und Heatmap verbergen, bis ich geurteilt habe</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/reading.py" />
            <source>Choose it with the button, or leave the field empty.</source>
            <translation>Wählen Sie sie mit dem Knopf, oder lassen Sie das Feld leer.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/reading.py" />
            <source>Database of verdicts</source>
            <translation>Urteilsdatenbank</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/reading.py" />
            <source>Databases (*.sqlite);;All files (*)</source>
            <translation>Datenbanken (*.sqlite);;Alle Dateien (*)</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/reading.py" />
            <source>Empty for the usual place. Several readers may share one file, on a network share too: it is then written more slowly, in a way that is safe there.</source>
            <translation>Leer für den üblichen Ort. Mehrere Befunder können sich eine Datei teilen, auch auf einer Netzwerkfreigabe: sie wird dort langsamer, aber sicher geschrieben.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/reading.py" />
            <source>Every verdict carries this name.</source>
            <translation>Jedes Urteil trägt diesen Namen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/reading.py" />
            <source>Every verdict is on disk before the window moves on, and none is ever deleted.</source>
            <translation>Jedes Urteil ist auf dem Datenträger, bevor das Fenster weitergeht, und keines wird je gelöscht.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/reading.py" />
            <source>Go to the next unread image after a verdict</source>
            <translation>Nach einem Urteil zum nächsten ungelesenen Bild gehen</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/reading.py" />
            <source>On a network share</source>
            <translation>Auf einer Netzwerkfreigabe</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/reading.py" />
            <source>Reading</source>
            <translation>Befunden</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/reading.py" />
            <source>The list is then in the order of the folder. A verdict given after the score was seen says so; the first one stays in the history.</source>
            <translation>Die Liste steht dann in der Reihenfolge des Ordners. Ein Urteil, das nach Sicht des Scores abgegeben wird, sagt das; das erste bleibt im Verlauf.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/reading.py" />
            <source>The whole path of a file in a folder that exists was expected.</source>
            <translation>Erwartet wurde der ganze Pfad einer Datei in einem vorhandenen Ordner.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/reading.py" />
            <location filename="../../app/gui/verdict/reading_desk.py" />
            <source>Verdicts</source>
            <translation>Urteile</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/reading.py" />
            <source>Who reads</source>
            <translation>Wer befundet</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/pages/reading.py" />
            <source>{path} cannot be the database of verdicts.</source>
            <translation>{path} kann nicht die Urteilsdatenbank sein.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/settings_desk.py" />
            <location filename="../../app/gui/worklist/view.py" />
            <source>Filter by name or patient ID</source>
            <translation>Nach Name oder Patienten-ID filtern</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/settings_desk.py" />
            <location filename="../../app/gui/viewer/opacity_slider.py" />
            <source>Heatmap opacity</source>
            <translation>Deckkraft der Heatmap</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/settings_desk.py" />
            <source>Identity hidden</source>
            <translation>Identität verborgen</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/settings_desk.py" />
            <source>Names, IDs, dates, file names and paths are hidden. Text that is burned into the pixels cannot be hidden, nor what the system's own file dialogs show.</source>
            <translation>Namen, IDs, Daten, Dateinamen und Pfade sind verborgen. Text, der in die Pixel eingebrannt ist, lässt sich nicht verbergen, ebenso wenig, was die Dateidialoge des Systems zeigen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/settings_dialog.py" />
            <source>Apply</source>
            <translation>Anwenden</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/settings_dialog.py" />
            <location filename="../../app/gui/verdict/reader_dialog.py" />
            <source>OK</source>
            <translation>OK</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/settings_dialog.py" />
            <source>Pages of the settings</source>
            <translation>Seiten der Einstellungen</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings/settings_dialog.py" />
            <location filename="../../app/gui/sweep/sweep_form.py" />
            <location filename="../../app/gui/training/training_settings.py" />
            <source>Settings</source>
            <translation>Einstellungen</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/leaderboard.py" />
            <source>Leaderboard: the trials of the sweep</source>
            <translation>Rangliste: die Versuche des Sweeps</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/leaderboard_model.py" />
            <source>Accuracy on the images trained on.</source>
            <translation>Genauigkeit auf den Trainingsbildern.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/leaderboard_model.py" />
            <source>Area under the ROC curve, on the same patients. In brackets: 95 % interval.</source>
            <translation>Fläche unter der ROC-Kurve, an denselben Patienten. In Klammern: 95-%-Intervall.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/leaderboard_model.py" />
            <source>Complete, ended early, failed, running or cut off.</source>
            <translation>Vollständig, früh beendet, gescheitert, läuft oder abgerissen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/leaderboard_model.py" />
            <source>Cross-entropy on the validation patients.</source>
            <translation>Kreuzentropie an den Validierungspatienten.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/leaderboard_model.py" />
            <location filename="../../app/gui/sweep/sweep_plots.py" />
            <source>Gap</source>
            <translation>Abstand</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/leaderboard_model.py" />
            <source>How long the trial took.</source>
            <translation>Wie lange der Versuch gedauert hat.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/leaderboard_model.py" />
            <source>Its number, in the order of the start.</source>
            <translation>Seine Nummer, in der Reihenfolge des Beginns.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/leaderboard_model.py" />
            <source>On inner patients the trial was not trained on. In brackets: 95 % interval.</source>
            <translation>An inneren Patienten, mit denen der Versuch nicht trainiert wurde. In Klammern: 95-%-Intervall.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/leaderboard_model.py" />
            <source>Place by what the sweep chooses by.</source>
            <translation>Platz nach dem, wonach der Sweep wählt.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/leaderboard_model.py" />
            <source>Rank</source>
            <translation>Rang</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/leaderboard_model.py" />
            <source>The setting {label}.</source>
            <translation>Die Einstellung {label}.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/leaderboard_model.py" />
            <source>Time</source>
            <translation>Zeit</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/leaderboard_model.py" />
            <source>Training accuracy less validation accuracy.</source>
            <translation>Trainingsgenauigkeit minus Validierungsgenauigkeit.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/leaderboard_model.py" />
            <source>Trial</source>
            <translation>Versuch</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/leaderboard_model.py" />
            <location filename="../../app/gui/sweep/sweep_form.py" />
            <source>Validation accuracy</source>
            <translation>Validierungsgenauigkeit</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/leaderboard_model.py" />
            <location filename="../../app/gui/worklist/view.py" />
            <location filename="../../app/review/export/pdf.py" />
            <source>Verdict</source>
            <translation>Urteil</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/leaderboard_model.py" />
            <source>What training against validation tells.</source>
            <translation>Was der Vergleich von Training und Validierung sagt.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/leaderboard_model.py" />
            <source>Why it failed or was ended early.</source>
            <translation>Warum er gescheitert ist oder früh beendet wurde.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/study_list.py" />
            <location filename="../../app/gui/sweep/text.py" />
            <source>, {failed:,} failed</source>
            <translation>, {failed:,} gescheitert</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/study_list.py" />
            <source>Choose settings below and start.</source>
            <translation>Wählen Sie unten Einstellungen und starten Sie.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/study_list.py" />
            <source>Done</source>
            <translation>Fertig</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/study_list.py" />
            <source>New sweep</source>
            <translation>Neuer Sweep</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/study_list.py" />
            <source>Studies</source>
            <translation>Sweeps</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/study_list.py" />
            <location filename="../../app/gui/sweep/sweep_form.py" />
            <source>Study</source>
            <translation>Sweep</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/study_list.py" />
            <source>{name}: {done:,} of {total:,} settings{failed}; {state}</source>
            <translation>{name}: {done:,} von {total:,} Einstellungen{failed}; {state}</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_controller.py" />
            <source> Raise the number of trials to draw more.</source>
            <translation> Erhöhen Sie die Zahl der Versuche, um mehr zu ziehen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_controller.py" />
            <source>A new study needs a name of its own.</source>
            <translation>Ein neuer Sweep braucht einen eigenen Namen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_controller.py" />
            <source>A training is under way: wait for its end, or stop it.</source>
            <translation>Ein Training läuft: warten Sie sein Ende ab, oder halten Sie es an.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_controller.py" />
            <source>Choose another name, or choose the study in the list to go on with it.</source>
            <translation>Wählen Sie einen anderen Namen, oder wählen Sie den Sweep in der Liste, um mit ihm weiterzumachen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_controller.py" />
            <source>Choose images in the training panel first.</source>
            <translation>Wählen Sie zuerst Bilder in der Trainingsleiste.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_controller.py" />
            <source>Every setting was tried.{more}</source>
            <translation>Jede Einstellung wurde probiert.{more}</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_controller.py" />
            <source>Go on</source>
            <translation>Weitermachen</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_controller.py" />
            <source>Its settings cannot be read: it can only be looked at.</source>
            <translation>Seine Einstellungen lassen sich nicht lesen: er kann nur angesehen werden.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_controller.py" />
            <source>Opening the study and measuring the time</source>
            <translation>Der Sweep wird geöffnet und die Zeit gemessen</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_controller.py" />
            <location filename="../../app/gui/training/inspection_controller.py" />
            <location filename="../../app/gui/training/text.py" />
            <source>Reading images: {done:,} of {total:,}</source>
            <translation>Bilder werden gelesen: {done:,} von {total:,}</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_controller.py" />
            <source>Settings that are left: {left:,} of {total:,}. Go on tries them.</source>
            <translation>Übrige Einstellungen: {left:,} von {total:,}. Weitermachen probiert sie.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_controller.py" />
            <location filename="../../app/gui/sweep/sweep_window.py" />
            <source>Start sweep</source>
            <translation>Sweep starten</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_controller.py" />
            <source>Starting the sweep</source>
            <translation>Der Sweep startet</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_controller.py" />
            <source>Stop keeps what is done. The sweep goes on when this window is closed.</source>
            <translation>Anhalten behält, was fertig ist. Der Sweep geht weiter, wenn dieses Fenster geschlossen wird.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_controller.py" />
            <source>Stopping: what is done is kept</source>
            <translation>Wird angehalten: was fertig ist, bleibt</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_controller.py" />
            <source>There is already a study {study}.</source>
            <translation>Einen Sweep {study} gibt es schon.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_controller.py" />
            <source>Trial {n}: {value}</source>
            <translation>Versuch {n}: {value}</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_controller.py" />
            <source>Trials written to {file}: {count:,}.</source>
            <translation>In {file} geschriebene Versuche: {count:,}.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_controller.py" />
            <source>fold {number} of {count}, </source>
            <translation>Faltung {number} von {count}, </translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_controller.py" />
            <source>{fold}epoch {epoch} of {epochs}</source>
            <translation>{fold}Epoche {epoch} von {epochs}</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_controller.py" />
            <source>{name}: Stopped before the first trial.</source>
            <translation>{name}: Angehalten vor dem ersten Versuch.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_form.py" />
            <source>By halving</source>
            <translation>Durch Halbieren</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_form.py" />
            <source>By the median</source>
            <translation>Nach dem Median</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_form.py" />
            <source>Choose by</source>
            <translation>Wählen nach</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_form.py" />
            <source>Drawn one by one (TPE)</source>
            <translation>Einzeln gezogen (TPE)</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_form.py" />
            <source>Empty for a file of the sweep's own. A database address, such as postgresql://user:password@host/name, lets several computers share one study.</source>
            <translation>Leer für eine Datei des Sweeps selbst. Eine Datenbankadresse wie postgresql://user:password@host/name lässt mehrere Rechner an einem Sweep arbeiten.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_form.py" />
            <source>End early</source>
            <translation>Früh beenden</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_form.py" />
            <source>Ends a trial that falls behind. Median: worse than half of the others at the same epoch. Halving: only a third goes on at a time. Saves time, and its figures are lost.</source>
            <translation>Beendet einen Versuch, der zurückfällt. Median: schlechter als die Hälfte der anderen in derselben Epoche. Halbieren: jeweils nur ein Drittel geht weiter. Spart Zeit, und seine Zahlen gehen verloren.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_form.py" />
            <source>Grid of {grid:,} combinations</source>
            <translation>Raster aus {grid:,} Kombinationen</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_form.py" />
            <source>How many settings are tried. A part of a grid is drawn from all over it.</source>
            <translation>Wie viele Einstellungen probiert werden. Ein Teil eines Rasters wird aus dem ganzen gezogen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_form.py" />
            <source>How often each setting is trained, each time with other patients to validate on. More are surer and take longer.</source>
            <translation>Wie oft jede Einstellung trainiert wird, jedes Mal mit anderen Patienten zur Validierung. Mehr sind sicherer und dauern länger.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_form.py" />
            <source>Inner folds</source>
            <translation>Innere Faltungen</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_form.py" />
            <source>Its name: letters, digits, - and _. Its folder has it, and a database.</source>
            <translation>Sein Name: Buchstaben, Ziffern, - und _. Sein Ordner heißt so, und auch eine Datenbank.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_form.py" />
            <source>No</source>
            <translation>Nein</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_form.py" />
            <source>Storage</source>
            <translation>Ablage</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_form.py" />
            <source>The grid tries every combination once. Drawn settings come near to what did well so far (TPE), and their number is yours.</source>
            <translation>Das Raster probiert jede Kombination einmal. Gezogene Einstellungen bleiben nahe an dem, was bisher gut war (TPE), und ihre Zahl bestimmen Sie.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_form.py" />
            <source>Trials</source>
            <translation>Versuche</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_form.py" />
            <source>Trials at the same time on this computer, each with memory of its own. Automatic takes one a core for the small networks, one at a time for the large one.</source>
            <translation>Gleichzeitige Versuche auf diesem Rechner, jeder mit eigenem Speicher. Automatisch nimmt einen je Kern bei den kleinen Netzen, einen auf einmal beim großen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_form.py" />
            <location filename="../../app/gui/training/text.py" />
            <source>Validation AUC</source>
            <translation>Validierungs-AUC</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_form.py" />
            <source>Validation loss</source>
            <translation>Validierungs-Loss</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_form.py" />
            <source>What is trained. Its other settings are those of the training panel where that has the same network chosen, else its own.</source>
            <translation>Was trainiert wird. Die übrigen Einstellungen sind die der Trainingsleiste, wenn dort dasselbe Netz gewählt ist, sonst seine eigenen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_form.py" />
            <source>What the best setting is chosen by, on patients that the trial was not trained on.</source>
            <translation>Wonach die beste Einstellung gewählt wird, an Patienten, mit denen der Versuch nicht trainiert wurde.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_form.py" />
            <source>Workers</source>
            <translation>Arbeiter</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_form.py" />
            <source>a file of its own</source>
            <translation>eine eigene Datei</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_form.py" />
            <location filename="../../app/gui/training/training_fields.py" />
            <location filename="../../app/review/report/pages.py" />
            <source>all</source>
            <translation>alle</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_form.py" />
            <source>all {grid:,}</source>
            <translation>alle {grid:,}</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_form.py" />
            <source>automatic</source>
            <translation>automatisch</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_plots.py" />
            <source>Each trial's figure appears here when it is complete.</source>
            <translation>Die Zahl jedes Versuchs erscheint hier, sobald er vollständig ist.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_plots.py" />
            <source>History</source>
            <translation>Verlauf</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_plots.py" />
            <source>History of the sweep</source>
            <translation>Verlauf des Sweeps</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_plots.py" />
            <source>How much of what was learnt holds for other patients appears here.</source>
            <translation>Wie viel des Gelernten auch für andere Patienten gilt, erscheint hier.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_plots.py" />
            <source>Importance</source>
            <translation>Bedeutung</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_plots.py" />
            <source>Importance of the settings</source>
            <translation>Bedeutung der Einstellungen</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_plots.py" />
            <source>Of {complete:,} complete trials. What is missing to 100 % is the interplay of settings, and chance.</source>
            <translation>Aus {complete:,} vollständigen Versuchen. Was bis 100 % fehlt, ist das Zusammenspiel der Einstellungen und der Zufall.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_plots.py" />
            <source>Training against validation</source>
            <translation>Training gegen Validierung</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_plots.py" />
            <source>Which settings matter appears here after a few complete trials.</source>
            <translation>Welche Einstellungen zählen, erscheint hier nach einigen vollständigen Versuchen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_plots.py" />
            <source>a trial</source>
            <translation>ein Versuch</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_plots.py" />
            <source>best so far</source>
            <translation>bisher bester</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_plots.py" />
            <source>dashed: training and validation alike</source>
            <translation>gestrichelt: Training und Validierung gleich</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_plots.py" />
            <source>share of the differences explained alone</source>
            <translation>Anteil an den Unterschieden, allein erklärt</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_plots.py" />
            <source>training accuracy</source>
            <translation>Trainingsgenauigkeit</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_plots.py" />
            <location filename="../../app/gui/sweep/text.py" />
            <source>trial</source>
            <translation>Versuch</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_plots.py" />
            <location filename="../../app/gui/sweep/text.py" />
            <source>validation accuracy</source>
            <translation>Validierungsgenauigkeit</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_time.py" />
            <source>About {time} for {settings} on {device}.</source>
            <translation>Etwa {time} für {settings} auf {device}.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_time.py" />
            <location filename="../../app/gui/training/training_controller.py" />
            <source>Estimating the time…</source>
            <translation>Die Zeit wird geschätzt …</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_time.py" />
            <location filename="../../app/gui/training/training_controller.py" />
            <source>The time cannot be told beforehand.</source>
            <translation>Die Zeit lässt sich nicht vorhersagen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_window.py" />
            <source>A sweep tries many settings of a network on the same images, and ranks them here.
Start one on the left, or choose one that was begun before.</source>
            <translation>Ein Sweep probiert viele Einstellungen eines Netzes an denselben Bildern und ordnet sie hier nach Rang.
Starten Sie links einen, oder wählen Sie einen schon begonnenen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_window.py" />
            <source>Closes the window; a sweep under way goes on.</source>
            <translation>Schließt das Fenster; ein laufender Sweep geht weiter.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_window.py" />
            <source>Ends the sweep; every trial that is done is kept.</source>
            <translation>Beendet den Sweep; jeder fertige Versuch bleibt.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_window.py" />
            <source>Export CSV…</source>
            <translation>CSV exportieren …</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_window.py" />
            <source>Export the trials</source>
            <translation>Die Versuche exportieren</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_window.py" />
            <source>No trial of this study has begun yet.</source>
            <translation>Noch hat kein Versuch dieses Sweeps begonnen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_window.py" />
            <source>Progress of the sweep</source>
            <translation>Fortschritt des Sweeps</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_window.py" />
            <source>Selected trial</source>
            <translation>Gewählter Versuch</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_window.py" />
            <location filename="../../app/gui/training/data_window.py" />
            <location filename="../../app/gui/training/training_panel.py" />
            <source>Stop</source>
            <translation>Anhalten</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_window.py" />
            <source>Sweeps</source>
            <translation>Sweeps</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_window.py" />
            <source>Tables (*.csv);;All files (*)</source>
            <translation>Tabellen (*.csv);;Alle Dateien (*)</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_window.py" />
            <source>Try the settings that are not done yet.</source>
            <translation>Die Einstellungen probieren, die noch nicht fertig sind.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/sweep_window.py" />
            <source>Write all trials.</source>
            <translation>Alle Versuche schreiben.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source> ({failed:,} failed)</source>
            <translation> ({failed:,} gescheitert)</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source> Best so far: trial {number}, {metric} {figure}.</source>
            <translation> Bisher bester: Versuch {number}, {metric} {figure}.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source> on {device}</source>
            <translation> auf {device}</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source>, about {seconds_left} left</source>
            <translation>, noch etwa {seconds_left}</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source>, and below {best_low:.3f}, which the best trial reaches on validation</source>
            <translation>, und unter {best_low:.3f}, was der beste Versuch in der Validierung erreicht</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source>, each trained {inner_folds} times</source>
            <translation>, jede {inner_folds}-mal trainiert</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source>; about {seconds} for the rest</source>
            <translation>; etwa {seconds} für den Rest</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source>Ended. {done:,} of {total:,} settings are done{failed}.</source>
            <translation>Beendet. {done:,} von {total:,} Einstellungen sind fertig{failed}.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source>Stopped. {done:,} of {total:,} settings are done{failed} and kept.</source>
            <translation>Angehalten. {done:,} von {total:,} Einstellungen sind fertig{failed} und bleiben.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source>complete</source>
            <translation>vollständig</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source>cut off</source>
            <translation>abgerissen</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source>cut off: going on with the study tries it again</source>
            <translation>abgerissen: mit dem Sweep weiterzumachen probiert ihn noch einmal</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source>ended early</source>
            <translation>früh beendet</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source>ended early: {reason}</source>
            <translation>früh beendet: {reason}</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <location filename="../../app/gui/training/runs_table.py" />
            <source>failed</source>
            <translation>gescheitert</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source>failed: {reason}</source>
            <translation>gescheitert: {reason}</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <location filename="../../app/gui/training/runs_table.py" />
            <source>finished</source>
            <translation>beendet</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source>not readable</source>
            <translation>nicht lesbar</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <location filename="../../app/gui/training/runs_table.py" />
            <source>running</source>
            <translation>läuft</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <location filename="../../app/gui/training/runs_table.py" />
            <source>running elsewhere</source>
            <translation>läuft anderswo</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source>setting</source>
            <translation>Einstellung</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source>settings</source>
            <translation>Einstellungen</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source>the validation interval {low:.3f} to {high:.3f}</source>
            <translation>dem Validierungsintervall {low:.3f} bis {high:.3f}</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source>training {training:.3f} lies above {interval} by less than 0.01</source>
            <translation>Training {training:.3f} liegt um weniger als 0.01 über {interval}</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source>training {training:.3f} lies below {interval}</source>
            <translation>Training {training:.3f} liegt unter {interval}</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source>training {training:.3f} lies in {interval}</source>
            <translation>Training {training:.3f} liegt in {interval}</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source>trials</source>
            <translation>Versuche</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source>under way</source>
            <translation>im Gange</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source>unfinished</source>
            <translation>unfertig</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source>validation loss</source>
            <translation>Validierungs-Loss</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source>{done:,} of {total:,} settings done</source>
            <translation>{done:,} von {total:,} Einstellungen fertig</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source>{done:,} of {total:,} settings done, {workers} {trials} at a time</source>
            <translation>{done:,} von {total:,} Einstellungen fertig, {workers} {trials} auf einmal</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source>{said}: training {training:.3f} lies above {interval}</source>
            <translation>{said}: Training {training:.3f} liegt über {interval}</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source>{value:.3f} ({low:.3f} to {high:.3f})</source>
            <translation>{value:.3f} ({low:.3f} bis {high:.3f})</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/text.py" />
            <source>{value}. How long it takes is measured once the images are read.</source>
            <translation>{value}. Wie lange es dauert, wird gemessen, sobald die Bilder gelesen sind.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/trial_panel.py" />
            <location filename="../../app/gui/training/text.py" />
            <location filename="../../app/review/audit/figures.py" />
            <location filename="../../app/review/report/model_page/figures.py" />
            <location filename="../../app/review/report/model_page/further.py" />
            <source>Accuracy</source>
            <translation>Genauigkeit</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/trial_panel.py" />
            <source>Curve shown</source>
            <translation>Gezeigte Kurve</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/trial_panel.py" />
            <source>Curves of the trial</source>
            <translation>Kurven des Versuchs</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/trial_panel.py" />
            <source>Fills the training form with them; nothing starts yet.</source>
            <translation>Füllt das Trainingsformular damit; noch startet nichts.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/trial_panel.py" />
            <source>No epoch yet</source>
            <translation>Noch keine Epoche</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/trial_panel.py" />
            <source>No trial selected</source>
            <translation>Kein Versuch gewählt</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/trial_panel.py" />
            <source>Select a trial to see its curves and what can be said of it.</source>
            <translation>Wählen Sie einen Versuch, um seine Kurven zu sehen und was sich über ihn sagen lässt.</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/trial_panel.py" />
            <source>Settings of the trial</source>
            <translation>Einstellungen des Versuchs</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/trial_panel.py" />
            <source>Trial {number}</source>
            <translation>Versuch {number}</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/trial_panel.py" />
            <source>Use these settings</source>
            <translation>Diese Einstellungen verwenden</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/trial_panel.py" />
            <source>Verdict on the trial</source>
            <translation>Urteil über den Versuch</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/trial_panel.py" />
            <location filename="../../app/gui/training/text.py" />
            <source>epoch</source>
            <translation>Epoche</translation>
        </message>
        <message>
            <location filename="../../app/gui/sweep/trial_panel.py" />
            <source>fold {number}</source>
            <translation>Faltung {number}</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/augmentation_dialog.py" />
            <source>Another</source>
            <translation>Andere</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/augmentation_dialog.py" />
            <source>As it is</source>
            <translation>Wie es ist</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/augmentation_dialog.py" />
            <source>Draws other images and other changes.</source>
            <translation>Zieht andere Bilder und andere Veränderungen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/augmentation_dialog.py" />
            <source>In training, each time it is seen</source>
            <translation>Im Training, jedes Mal, wenn es gesehen wird</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/augmentation_dialog.py" />
            <source>Preview of augmentation</source>
            <translation>Vorschau der Augmentierung</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/augmentation_dialog.py" />
            <source>Random images of the folder as the network sees them, in its own size, augmented with strength {augmentation:g}. The lungs should stay readable in every one.</source>
            <translation>Zufällige Bilder des Ordners, wie das Netz sie sieht, in seiner Größe, augmentiert mit Stärke {augmentation:g}. Die Lungen sollten in jedem lesbar bleiben.</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/augmentation_dialog.py" />
            <source>Reading images…</source>
            <translation>Bilder werden gelesen …</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/augmentation_dialog.py" />
            <source>This training uses no augmentation (its strength is 0): the network sees each image as it is here, in its own size, every time.</source>
            <translation>Dieses Training augmentiert nicht (Stärke 0): das Netz sieht jedes Bild jedes Mal so wie hier, in seiner Größe.</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/augmentation_dialog.py" />
            <source>as it is</source>
            <translation>wie es ist</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/augmentation_dialog.py" />
            <source>variant {place}</source>
            <translation>Variante {place}</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/balance_table.py" />
            <location filename="../../app/training/data/findings_text.py" />
            <source>Class</source>
            <translation>Klasse</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/balance_table.py" />
            <location filename="../../app/review/report/sources_page.py" />
            <source>Class balance</source>
            <translation>Verteilung der Klassen</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/balance_table.py" />
            <location filename="../../app/training/data/findings_text.py" />
            <source>Share</source>
            <translation>Anteil</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/class_mapping.py" />
            <source>Class of {name}</source>
            <translation>Klasse von {name}</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/class_mapping.py" />
            <source>Further classes, which keep their names: {more:,}.</source>
            <translation>Weitere Klassen, die ihre Namen behalten: {more:,}.</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/class_mapping.py" />
            <source>Keep the name</source>
            <translation>Den Namen behalten</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/class_mapping.py" />
            <source>Leave out</source>
            <translation>Auslassen</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/class_mapping.py" />
            <source>What a training takes the images of {name} for.</source>
            <translation>Wofür ein Training die Bilder von {name} hält.</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/class_mapping.py" />
            <source>Which class is each? Review needs NORMAL and PNEUMONIA.</source>
            <translation>Welche Klasse ist welche? Für die Befundung braucht es NORMAL und PNEUMONIA.</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/class_plot.py" />
            <source>Classes in the order of the table</source>
            <translation>Klassen in der Reihenfolge der Tabelle</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/class_plot.py" />
            <source>Images per class: {told}</source>
            <translation>Bilder je Klasse: {told}</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_section.py" />
            <source>A folder with one subfolder per class; or drop it here.</source>
            <translation>Ein Ordner mit einem Unterordner je Klasse; oder hierher ziehen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_section.py" />
            <source>CSV with the columns path and label (perhaps patient, split, weight), in place of class subfolders.</source>
            <translation>CSV mit den Spalten path und label (vielleicht patient, split, weight), anstelle von Klassenordnern.</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_section.py" />
            <source>CSV with the columns path and patient: images of one patient are kept together.</source>
            <translation>CSV mit den Spalten path und patient: Bilder eines Patienten bleiben zusammen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_section.py" />
            <source>CSV…</source>
            <translation>CSV …</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_section.py" />
            <source>Choose folder…</source>
            <translation>Ordner wählen …</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_section.py" />
            <source>Classes</source>
            <translation>Klassen</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_section.py" />
            <source>Clear</source>
            <translation>Leeren</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_section.py" />
            <source>Folder with one subfolder per class</source>
            <translation>Ordner mit einem Unterordner je Klasse</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_section.py" />
            <source>Inspect images…</source>
            <translation>Bilder ansehen …</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_section.py" />
            <source>Reads every image: sizes, damaged files, copies, patients, random samples.</source>
            <translation>Liest jedes Bild: Größen, beschädigte Dateien, Kopien, Patienten, Stichproben.</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_section.py" />
            <source>Training images</source>
            <translation>Trainingsbilder</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_section.py" />
            <source>from headers or names</source>
            <translation>aus Headern oder Namen</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_section.py" />
            <source>from the subfolders</source>
            <translation>aus den Unterordnern</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_section.py" />
            <source>{what} from a CSV</source>
            <translation>{what} aus einer CSV</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_section.py" />
            <source>{what}: no CSV</source>
            <translation>{what}: keine CSV</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_window.py" />
            <source>1 class</source>
            <translation>1 Klasse</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_window.py" />
            <source>1 known patient</source>
            <translation>1 bekannter Patient</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_window.py" />
            <source>And {number:,} more</source>
            <translation>Und {number:,} weitere</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_window.py" />
            <source>Another sample</source>
            <translation>Andere Stichprobe</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_window.py" />
            <source>Files to look at</source>
            <translation>Anzusehende Dateien</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_window.py" />
            <source>Files to look at ({total:,})</source>
            <translation>Anzusehende Dateien ({total:,})</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_window.py" />
            <source>Image sizes per class</source>
            <translation>Bildgrößen je Klasse</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_window.py" />
            <source>Images per class</source>
            <translation>Bilder je Klasse</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_window.py" />
            <source>Images per class and split</source>
            <translation>Bilder je Klasse und Teil</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_window.py" />
            <source>Look again</source>
            <translation>Erneut ansehen</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_window.py" />
            <source>Random samples</source>
            <translation>Stichproben</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_window.py" />
            <source>Reads all images anew, after files were changed.</source>
            <translation>Liest alle Bilder neu, nachdem Dateien geändert wurden.</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_window.py" />
            <source>Sizes in pixels: lowest, median, highest</source>
            <translation>Größen in Pixeln: kleinste, mittlere, größte</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_window.py" />
            <source>Training images{name}</source>
            <translation>Trainingsbilder{name}</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_window.py" />
            <source>{count:,} known patients</source>
            <translation>{count:,} bekannte Patienten</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/data_window.py" />
            <source>{count} classes</source>
            <translation>{count} Klassen</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/inspection_controller.py" />
            <source>Comparing the images</source>
            <translation>Die Bilder werden verglichen</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/inspection_controller.py" />
            <source>Listing the images</source>
            <translation>Die Bilder werden aufgelistet</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/inspection_controller.py" />
            <source>Look again to go on.</source>
            <translation>Sehen Sie sie noch einmal durch, um weiterzumachen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/inspection_controller.py" />
            <source>The look was stopped.</source>
            <translation>Die Durchsicht wurde angehalten.</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/runs_table.py" />
            <source>Net</source>
            <translation>Netz</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/runs_table.py" />
            <source>Started</source>
            <translation>Begonnen</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/runs_table.py" />
            <source>Training runs</source>
            <translation>Trainingsläufe</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/runs_table.py" />
            <source>architecture {arch}, data {data}</source>
            <translation>Architektur {arch}, Daten {data}</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/runs_table.py" />
            <source>interrupted</source>
            <translation>unterbrochen</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/runs_table.py" />
            <source>model {model_name}</source>
            <translation>Modell {model_name}</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/runs_table.py" />
            <source>started {started:%Y-%m-%d %H:%M:%S}</source>
            <translation>begonnen {started:%Y-%m-%d %H:%M:%S}</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/runs_table.py" />
            <source>stopped</source>
            <translation>angehalten</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/text.py" />
            <source>About {number:.1f} h</source>
            <translation>Etwa {number:.1f} h</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/text.py" />
            <source>About {number:.1f} h left</source>
            <translation>Noch etwa {number:.1f} h</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/text.py" />
            <source>About {number} min</source>
            <translation>Etwa {number} min</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/text.py" />
            <source>About {number} min left</source>
            <translation>Noch etwa {number} min</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/text.py" />
            <source>Ended</source>
            <translation>Beendet</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/text.py" />
            <source>Epoch {epoch} of {epochs}, step {step} of {steps_per_epoch}</source>
            <translation>Epoche {epoch} von {epochs}, Schritt {step} von {steps_per_epoch}</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/text.py" />
            <source>Held out</source>
            <translation>Zurückgehalten</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/text.py" />
            <source>Preparing the first step on {device}</source>
            <translation>Der erste Schritt auf {device} wird vorbereitet</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/text.py" />
            <source>Setting the operating point and saving</source>
            <translation>Arbeitspunkt wird gesetzt und gespeichert</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/text.py" />
            <source>Stopped</source>
            <translation>Angehalten</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/text.py" />
            <source>Under a minute</source>
            <translation>Unter einer Minute</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/text.py" />
            <source>Under a minute left</source>
            <translation>Noch unter einer Minute</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/text.py" />
            <source>after {epochs_run} {epochs}, epoch {best_epoch} kept</source>
            <translation>nach {epochs_run} {epochs}, Epoche {best_epoch} behalten</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/text.py" />
            <source>epochs</source>
            <translation>Epochen</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/text.py" />
            <source>{time} on {device}, {memory} of memory</source>
            <translation>{time} auf {device}, {memory} Speicher</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/text.py" />
            <source>{value} ({low:.3f} to {high:.3f})</source>
            <translation>{value} ({low:.3f} bis {high:.3f})</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_controller.py" />
            <source>A sweep is under way.</source>
            <translation>Ein Sweep ist im Gange.</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_controller.py" />
            <source>A training and a sweep would take each other's cores and memory.</source>
            <translation>Ein Training und ein Sweep nähmen einander Kerne und Speicher weg.</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_controller.py" />
            <source>Choose a folder with one subfolder per class.</source>
            <translation>Wählen Sie einen Ordner mit einem Unterordner je Klasse.</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_controller.py" />
            <source>Counting the images</source>
            <translation>Die Bilder werden gezählt</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_controller.py" />
            <source>Starting the training process</source>
            <translation>Der Trainingsprozess startet</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_controller.py" />
            <source>Stop keeps the best weights so far.</source>
            <translation>Anhalten behält die bisher besten Gewichte.</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_controller.py" />
            <source>Stop the sweep (Tools &gt; Sweeps): it goes on later where it stopped.</source>
            <translation>Halten Sie den Sweep an (Extras &gt; Sweeps): er geht später dort weiter, wo er anhielt.</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_controller.py" />
            <source>Stopping: the best so far is being kept</source>
            <translation>Wird angehalten: das bisher Beste wird behalten</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_controller.py" />
            <source>This folder cannot be trained on yet: see above.</source>
            <translation>Mit diesem Ordner lässt sich noch nicht trainieren: siehe oben.</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_controller.py" />
            <source>{skipped:,} {files} could not be read: left out.</source>
            <translation>{skipped:,} {files} konnten nicht gelesen werden: ausgelassen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_fields.py" />
            <source> epochs without gain</source>
            <translation> Epochen ohne Gewinn</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_fields.py" />
            <source> of {blocks}</source>
            <translation> von {blocks}</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_fields.py" />
            <source>16 bits (mixed)</source>
            <translation>16 Bit (gemischt)</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_fields.py" />
            <source>16 bits if faster</source>
            <translation>16 Bit, wenn schneller</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_fields.py" />
            <source>32 bits</source>
            <translation>32 Bit</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_fields.py" />
            <location filename="../../app/gui/viewer/window_level.py" />
            <source>Automatic</source>
            <translation>Automatisch</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_fields.py" />
            <source>Constant</source>
            <translation>Konstant</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_fields.py" />
            <source>Cosine</source>
            <translation>Kosinus</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_fields.py" />
            <source>Even distribution</source>
            <translation>Gleichverteilung</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_fields.py" />
            <source>Normal distribution</source>
            <translation>Normalverteilung</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_fields.py" />
            <source>all but the first </source>
            <translation>alle außer den ersten </translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_fields.py" />
            <source>all count the same</source>
            <translation>alle zählen gleich</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_fields.py" />
            <source>never</source>
            <translation>nie</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_fields.py" />
            <source>own</source>
            <translation>eigene</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_fields.py" />
            <source>own ({value:g})</source>
            <translation>eigene ({value:g})</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_fields.py" />
            <source>pixels</source>
            <translation>Pixel</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_form.py" />
            <source>Advanced</source>
            <translation>Erweitert</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_form.py" />
            <source>CPU (no GPU)</source>
            <translation>CPU (keine GPU)</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_form.py" />
            <source>GPU if there is one</source>
            <translation>GPU, wenn es eine gibt</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_form.py" />
            <source>Scratch</source>
            <translation>Von Grund auf</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_form.py" />
            <source>own ({input_size} pixels)</source>
            <translation>eigene ({input_size} Pixel)</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_form.py" />
            <source>{name} (active)</source>
            <translation>{name} (aktiv)</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_panel.py" />
            <source>Ends the training; the best weights so far are kept.</source>
            <translation>Beendet das Training; die bisher besten Gewichte bleiben.</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_panel.py" />
            <source>Goes on from the run's last whole epoch, as if it had never been cut off.</source>
            <translation>Geht von der letzten ganzen Epoche des Laufs weiter, als wäre er nie abgerissen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_panel.py" />
            <source>Resume</source>
            <translation>Fortsetzen</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_panel.py" />
            <source>Resume after epoch {epochs_run}</source>
            <translation>Nach Epoche {epochs_run} fortsetzen</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_panel.py" />
            <source>Runs</source>
            <translation>Läufe</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_result.py" />
            <source>Against the active model</source>
            <translation>Gegenüber dem aktiven Modell</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_result.py" />
            <source>Makes {model_name} the active model; one click takes it back.</source>
            <translation>Macht {model_name} zum aktiven Modell; ein Klick nimmt es zurück.</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_result.py" />
            <source>Open the image that flips</source>
            <translation>Das Bild öffnen, das kippt</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_result.py" />
            <source>Open the {count:,} images that flip</source>
            <translation>Die {count:,} Bilder öffnen, die kippen</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_result.py" />
            <source>Open them</source>
            <translation>Öffnen</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_result.py" />
            <source>Opens them in the worklist, where the active model judges.</source>
            <translation>Öffnet sie in der Arbeitsliste, wo das aktive Modell urteilt.</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_result.py" />
            <source>Review needs a model of the classes NORMAL and PNEUMONIA.</source>
            <translation>Für die Befundung braucht es ein Modell mit den Klassen NORMAL und PNEUMONIA.</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_result.py" />
            <source>Scores the open images with {model_name}, for now.</source>
            <translation>Bewertet die geöffneten Bilder vorerst mit {model_name}.</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_result.py" />
            <source>The held-out patients were never trained on; the operating point was set on them. In brackets: 95 % interval.</source>
            <translation>Mit den zurückgehaltenen Patienten wurde nie trainiert; an ihnen wurde der Arbeitspunkt gesetzt. In Klammern: 95-%-Intervall.</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_result.py" />
            <source>These images take the place of the list that is open. Verdicts stay.</source>
            <translation>Diese Bilder treten an die Stelle der offenen Liste. Urteile bleiben erhalten.</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_result.py" />
            <source>Use for review</source>
            <translation>Zum Befunden verwenden</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_settings.py" />
            <source>Preview augmentation…</source>
            <translation>Augmentierung ansehen …</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_settings.py" />
            <source>Random images of the folder, plain and augmented.</source>
            <translation>Zufällige Bilder des Ordners, unverändert und augmentiert.</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_settings.py" />
            <source>Start training</source>
            <translation>Training starten</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_settings.py" />
            <source>Sweep…</source>
            <translation>Sweep …</translation>
        </message>
        <message>
            <location filename="../../app/gui/training/training_settings.py" />
            <source>Try many settings on these images and rank them.</source>
            <translation>Viele Einstellungen an diesen Bildern probieren und nach Rang ordnen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reader_dialog.py" />
            <source>Every verdict carries the name of who gave it. The name is kept on this computer and in the database of verdicts.</source>
            <translation>Jedes Urteil trägt den Namen dessen, der es abgegeben hat. Der Name bleibt auf diesem Rechner und in der Urteilsdatenbank.</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reader_dialog.py" />
            <source>Name of the reader</source>
            <translation>Name des Befunders</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reader_dialog.py" />
            <source>Name or initials</source>
            <translation>Name oder Kürzel</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reader_dialog.py" />
            <location filename="../../app/gui/verdict/verdict_bar.py" />
            <source>Who reads?</source>
            <translation>Wer befundet?</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_controller.py" />
            <source>Another program has changed this verdict meanwhile.</source>
            <translation>Ein anderes Programm hat dieses Urteil inzwischen geändert.</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_controller.py" />
            <source>Blinded: give your own label first; the network is shown after that.</source>
            <translation>Verblindet: geben Sie erst Ihr eigenes Label; danach wird das Netz gezeigt.</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_controller.py" />
            <source>Give it again to try once more.</source>
            <translation>Geben Sie es noch einmal ab, um es erneut zu versuchen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_controller.py" />
            <source>No other unread image is in sight. Filtered or folded away: {count}.</source>
            <translation>Kein anderes ungelesenes Bild ist zu sehen. Ausgefiltert oder eingeklappt: {count}.</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_controller.py" />
            <source>No other unread image is in this list.</source>
            <translation>In dieser Liste ist kein anderes ungelesenes Bild.</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_controller.py" />
            <source>Not saved: say who reads first.</source>
            <translation>Nicht gespeichert: sagen Sie erst, wer befundet.</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_controller.py" />
            <source>Not saved: the image before was left too soon.</source>
            <translation>Nicht gespeichert: das Bild davor wurde zu früh verlassen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_controller.py" />
            <source>Not taken: the image was not on the screen yet.</source>
            <translation>Nicht angenommen: das Bild war noch nicht auf dem Bildschirm.</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_controller.py" />
            <source>Not taken: this file cannot be read. It can only be acknowledged.</source>
            <translation>Nicht angenommen: Diese Datei ist nicht lesbar. Sie kann nur zur Kenntnis genommen werden.</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_controller.py" />
            <source>Not taken: this image has only just come. Look, and press again.</source>
            <translation>Nicht angenommen: dieses Bild ist gerade erst gekommen. Sehen Sie hin, und drücken Sie noch einmal.</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_controller.py" />
            <source>Only a file that cannot be read is acknowledged: judge this image.</source>
            <translation>Zur Kenntnis genommen wird nur eine nicht lesbare Datei: Beurteilen Sie dieses Bild.</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_controller.py" />
            <source>The file cannot be opened, so no verdict on it could be found again.</source>
            <translation>Die Datei lässt sich nicht öffnen, ein Urteil über sie wäre also nicht wiederzufinden.</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_controller.py" />
            <source>The file is not there now: there is nothing to acknowledge.</source>
            <translation>Die Datei ist jetzt nicht da: Es gibt nichts zur Kenntnis zu nehmen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_controller.py" />
            <source>There is no score to agree with: give your own label.</source>
            <translation>Es gibt keinen Score, dem man zustimmen könnte: geben Sie Ihr eigenes Label.</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_controller.py" />
            <source>Waiting for the image…</source>
            <translation>Warten auf das Bild …</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_desk.py" />
            <source>Device or artefact</source>
            <translation>Gerät oder Artefakt</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_desk.py" />
            <source>Go on without these rows</source>
            <translation>Ohne diese Zeilen weiterarbeiten</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_desk.py" />
            <source>Go on without verdicts</source>
            <translation>Ohne Urteile fortfahren</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_desk.py" />
            <source>Image quality</source>
            <translation>Bildqualität</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_desk.py" />
            <source>Leave without them</source>
            <translation>Ohne sie gehen</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_desk.py" />
            <source>Move it aside and begin a new one</source>
            <translation>Beiseitelegen und neu beginnen</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_desk.py" />
            <source>Old or known change</source>
            <translation>Alte oder bekannte Veränderung</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_desk.py" />
            <source>Other finding</source>
            <translation>Anderer Befund</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_desk.py" />
            <source>Rotated or badly positioned</source>
            <translation>Verdreht oder schlecht gelagert</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_desk.py" />
            <source>Stay</source>
            <translation>Bleiben</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_desk.py" />
            <source>The database of verdicts may not be written: verdicts can be seen, not given.</source>
            <translation>In die Urteilsdatenbank darf nicht geschrieben werden: Urteile sind zu sehen, können aber nicht abgegeben werden.</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_desk.py" />
            <source>Verdicts go on into {path}.</source>
            <translation>Urteile kommen weiterhin nach {path}.</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_desk.py" />
            <source>Verdicts that are not saved: {count}.</source>
            <translation>Nicht gespeicherte Urteile: {count}.</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_desk.py" />
            <source>Why is told in the window. Leave, and they are lost.</source>
            <translation>Warum, steht im Fenster. Wenn Sie gehen, sind sie verloren.</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_undo.py" />
            <source>Given again: {verdict}</source>
            <translation>Wieder abgegeben: {verdict}</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_undo.py" />
            <source>Nothing to redo.</source>
            <translation>Nichts wiederherzustellen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_undo.py" />
            <source>Nothing to undo: earlier verdicts are changed by giving another.</source>
            <translation>Nichts zurückzunehmen: frühere Urteile ändert man, indem man ein neues abgibt.</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/reading_undo.py" />
            <source>Undone: {verdict}</source>
            <translation>Zurückgenommen: {verdict}</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/text.py" />
            <source>, score not seen</source>
            <translation>, Score nicht gesehen</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/text.py" />
            <source>Saved {when}: {verdict}{blind}</source>
            <translation>Gespeichert {when}: {verdict}{blind}</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/text.py" />
            <source>Saving…</source>
            <translation>Wird gespeichert …</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/text.py" />
            <source>Unread</source>
            <translation>Ungelesen</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/text.py" />
            <source>Unread. Blinded: give your own label first.</source>
            <translation>Ungelesen. Verblindet: geben Sie erst Ihr eigenes Label.</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/text.py" />
            <source>Unread: there is no image to judge.</source>
            <translation>Ungelesen: Es gibt kein Bild zu beurteilen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/text.py" />
            <source>acknowledged: cannot be read</source>
            <translation>zur Kenntnis genommen: nicht lesbar</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/text.py" />
            <location filename="../../app/gui/worklist/text.py" />
            <source>agree</source>
            <translation>richtig</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/text.py" />
            <source>agree with {call}</source>
            <translation>„{call}“ ist richtig</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/text.py" />
            <location filename="../../app/gui/worklist/text.py" />
            <source>disagree</source>
            <translation>falsch</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/text.py" />
            <source>disagree with {call}</source>
            <translation>„{call}“ ist falsch</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/text.py" />
            <location filename="../../app/gui/worklist/text.py" />
            <source>key image</source>
            <translation>Schlüsselbild</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/text.py" />
            <source>not judged</source>
            <translation>nicht beurteilt</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/text.py" />
            <location filename="../../app/gui/worklist/text.py" />
            <source>unsure</source>
            <translation>unsicher</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/text.py" />
            <source>{reader}: {verdict}</source>
            <translation>{reader}: {verdict}</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/text.py" />
            <source>▲ A verdict was given under the same UID on other pixels: it does not count here.</source>
            <translation>▲ Unter derselben UID gibt es ein Urteil über andere Pixel: es zählt hier nicht.</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/text.py" />
            <source>✗ NOT SAVED, on another image. {why}</source>
            <translation>✗ NICHT GESPEICHERT, bei einem anderen Bild. {why}</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/text.py" />
            <source>✗ NOT SAVED. {why}</source>
            <translation>✗ NICHT GESPEICHERT. {why}</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/text.py" />
            <source>✗ NOT SAVED: {verdict}. {why}</source>
            <translation>✗ NICHT GESPEICHERT: {verdict}. {why}</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/verdict_bar.py" />
            <source>Acknowledge</source>
            <translation>Zur Kenntnis nehmen</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/verdict_bar.py" />
            <source>Agree with the network</source>
            <translation>Dem Netz zustimmen</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/verdict_bar.py" />
            <source>Disagree with the network</source>
            <translation>Dem Netz widersprechen</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/verdict_bar.py" />
            <source>Normal</source>
            <translation>Normal</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/verdict_bar.py" />
            <location filename="../../app/review/export/pdf.py" />
            <source>Note</source>
            <translation>Notiz</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/verdict_bar.py" />
            <source>Note ({key})</source>
            <translation>Notiz ({key})</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/verdict_bar.py" />
            <source>Pneumonia</source>
            <translation>Pneumonie</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/verdict_bar.py" />
            <source>Reason (optional)</source>
            <translation>Grund (freiwillig)</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/verdict_bar.py" />
            <source>State of your reading</source>
            <translation>Stand Ihrer Befundung</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/verdict_bar.py" />
            <source>Who reads; click to choose another</source>
            <translation>Wer befundet; klicken, um zu wechseln</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/verdict_bar.py" />
            <source>Your own label</source>
            <translation>Ihr eigenes Label</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/verdict_bar.py" />
            <source>Your own label: normal</source>
            <translation>Ihr eigenes Label: normal</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/verdict_bar.py" />
            <source>Your own label: pneumonia</source>
            <translation>Ihr eigenes Label: Pneumonie</translation>
        </message>
        <message>
            <location filename="../../app/gui/verdict/verdict_bar.py" />
            <source>Your reading</source>
            <translation>Ihre Befundung</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/display_desk.py" />
            <source>Frame {number} of {count} cannot be shown.</source>
            <translation>Einzelbild {number} von {count} kann nicht gezeigt werden.</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/histogram_strip.py" />
            <source>Drag the ends or the middle of the window</source>
            <translation>Ziehen Sie die Enden oder die Mitte des Fensters</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/histogram_strip.py" />
            <source>Histogram</source>
            <translation>Histogramm</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/histogram_strip.py" />
            <source>Left and Right move the window, Up and Down widen and narrow it</source>
            <translation>Links und Rechts verschieben das Fenster, Auf und Ab verbreitern und verschmälern es</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/image_notes.py" />
            <source>Evidence for pneumonia</source>
            <translation>Hinweis auf Pneumonie</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/image_notes.py" />
            <source>Evidence toward normal</source>
            <translation>Hinweise auf normal</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/image_notes.py" />
            <source>Frame {number}/{count}</source>
            <translation>Einzelbild {number}/{count}</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/image_notes.py" />
            <source>full scale</source>
            <translation>Vollausschlag</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/image_notes.py" />
            <source>inverted</source>
            <translation>invertiert</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/image_notes.py" />
            <source>{method}, not Grad-CAM</source>
            <translation>{method}, nicht Grad-CAM</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/image_notes.py" />
            <source>{percent:.0f} %  of {columns} × {rows}</source>
            <translation>{percent:.0f} %  von {columns} × {rows}</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/input_desk.py" />
            <source>The network was given nothing: the image was refused before it.</source>
            <translation>Das Netz bekam nichts: Das Bild wurde vorher abgelehnt.</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/input_desk.py" />
            <source>What the network saw comes with its score.</source>
            <translation>Was das Netz sah, kommt mit seinem Wert.</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/input_pane.py" />
            <source>Close what the network saw</source>
            <translation>Schließen, was das Netz sah</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/input_pane.py" />
            <source>What the network saw:</source>
            <translation>Was das Netz sah:</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/opacity_slider.py" />
            <source>{percent} %</source>
            <translation>{percent} %</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/prior_desk.py" />
            <source>1 day earlier</source>
            <translation>1 Tag früher</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/prior_desk.py" />
            <source>Current</source>
            <translation>Aktuell</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/prior_desk.py" />
            <source>Looking for earlier images…</source>
            <translation>Frühere Bilder werden gesucht …</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/prior_desk.py" />
            <source>Looking for earlier images… {done} of {total}</source>
            <translation>Frühere Bilder werden gesucht … {done} von {total}</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/prior_desk.py" />
            <source>No prior</source>
            <translation>Keine Voraufnahme</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/prior_desk.py" />
            <source>PRIOR</source>
            <translation>VORAUFNAHME</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/prior_desk.py" />
            <source>Reading the prior…</source>
            <translation>Die Voraufnahme wird gelesen …</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/prior_desk.py" />
            <source>The file of this prior has changed. Close the prior and open it again.</source>
            <translation>Die Datei dieser Voraufnahme hat sich geändert. Schließen Sie die Voraufnahme, und öffnen Sie sie wieder.</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/prior_desk.py" />
            <source>There is no earlier image of this patient in the list.</source>
            <translation>In der Liste ist kein früheres Bild dieses Patienten.</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/prior_desk.py" />
            <source>earlier the same day</source>
            <translation>früher am selben Tag</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/prior_desk.py" />
            <source>{count} days earlier</source>
            <translation>{count} Tage früher</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/prior_desk.py" />
            <source>{count} months earlier</source>
            <translation>{count} Monate früher</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/prior_desk.py" />
            <source>{count} years earlier</source>
            <translation>{count} Jahre früher</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/prior_pane.py" />
            <source>Close the prior</source>
            <translation>Die Voraufnahme schließen</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/prior_pane.py" />
            <source>Prior</source>
            <translation>Voraufnahme</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/prior_pane.py" />
            <source>Which prior</source>
            <translation>Welche Voraufnahme</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/prior_pane.py" />
            <source>Zoom, pan and window of both images together</source>
            <translation>Zoom, Verschiebung und Fenster beider Bilder gemeinsam</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/tags_model.py" />
            <source>Tag</source>
            <translation>Tag</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/tags_model.py" />
            <source>VR</source>
            <translation>VR</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/tags_window.py" />
            <source>Copy the row</source>
            <translation>Die Zeile kopieren</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/tags_window.py" />
            <source>Data elements</source>
            <translation>Datenelemente</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/tags_window.py" />
            <source>Nothing has these words.</source>
            <translation>Nichts hat diese Wörter.</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/tags_window.py" />
            <source>Reading…</source>
            <translation>Wird gelesen …</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/tags_window.py" />
            <source>Search</source>
            <translation>Suche</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/tags_window.py" />
            <source>Search by keyword, tag or value</source>
            <translation>Nach Keyword, Tag oder Wert suchen</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/tags_window.py" />
            <source>Tags</source>
            <translation>Tags</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/tags_window.py" />
            <source>Tags of {name}</source>
            <translation>Tags von {name}</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/tags_window.py" />
            <source>There is no image in view.</source>
            <translation>Es ist kein Bild in der Ansicht.</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/tags_window.py" />
            <source>{count} elements</source>
            <translation>{count} Elemente</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/tools/draw_tool.py" />
            <source>Click corner after corner</source>
            <translation>Ecke für Ecke klicken</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/tools/draw_tool.py" />
            <source>Drag across the heart where it is widest</source>
            <translation>Quer über das Herz ziehen, wo es am breitesten ist</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/tools/draw_tool.py" />
            <source>Drag across the thorax, from inner rib edge to inner rib edge</source>
            <translation>Quer über den Thorax ziehen, von innerer Rippenkante zu innerer Rippenkante</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/tools/draw_tool.py" />
            <source>Drag from corner to corner</source>
            <translation>Von Ecke zu Ecke ziehen</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/tools/draw_tool.py" />
            <source>Drag from end to end</source>
            <translation>Von Ende zu Ende ziehen</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/tools/draw_tool.py" />
            <source>End of one leg</source>
            <translation>Ende des einen Schenkels</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/tools/draw_tool.py" />
            <source>End of the other leg</source>
            <translation>Ende des anderen Schenkels</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/tools/draw_tool.py" />
            <source>Enter, double click or the first corner closes it</source>
            <translation>Eingabetaste, Doppelklick oder die erste Ecke schließt es</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/tools/draw_tool.py" />
            <source>Vertex</source>
            <translation>Scheitel</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/tools/label_editor.py" />
            <source>Label of the region</source>
            <translation>Bezeichnung der Region</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/tools/mark_painting.py" />
            <source>Cardiothoracic ratio {ratio}</source>
            <translation>Herz-Thorax-Quotient {ratio}</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/tools/mark_painting.py" />
            <source>Heart / thorax {figures} {unit}</source>
            <translation>Herz / Thorax {figures} {unit}</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/tools/mark_painting.py" />
            <source>Lines of the ratio</source>
            <translation>Linien des Quotienten</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/tools/mark_painting.py" />
            <source>The heart's line is longer than the thorax's: check both</source>
            <translation>Die Linie des Herzens ist länger als die des Thorax: beide prüfen</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/tools/static_overlays.py" />
            <source>Flipped</source>
            <translation>Gespiegelt</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/tools/static_overlays.py" />
            <source>Rotated {degrees}°</source>
            <translation>Gedreht {degrees}°</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/window_level.py" />
            <source>As stored</source>
            <translation>Wie gespeichert</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/window_level.py" />
            <source>Bone</source>
            <translation>Knochen</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/window_level.py" />
            <source>Image's curve {number}</source>
            <translation>Kurve {number} des Bildes</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/window_level.py" />
            <source>Image's window {number}</source>
            <translation>Fenster {number} des Bildes</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/window_level.py" />
            <source>Lungs</source>
            <translation>Lunge</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/window_level.py" />
            <source>Mediastinum</source>
            <translation>Mediastinum</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/window_level.py" />
            <source>Value {value} {units}</source>
            <translation>Wert {value} {units}</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/window_level.py" />
            <source>W {width}  L {center}</source>
            <translation>B {width}  M {center}</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/window_level.py" />
            <source>stored {value}</source>
            <translation>gespeichert {value}</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/window_panel.py" />
            <source>Centre</source>
            <translation>Mitte</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/window_panel.py" />
            <source>Changed by hand</source>
            <translation>Von Hand geändert</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/window_panel.py" />
            <source>Window centre</source>
            <translation>Fenstermitte</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/window_panel.py" />
            <source>Window preset</source>
            <translation>Fenstervorgabe</translation>
        </message>
        <message>
            <location filename="../../app/gui/viewer/window_panel.py" />
            <source>Window width</source>
            <translation>Fensterbreite</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/arrivals_controller.py" />
            <source>The file of this image has changed. It was read again and is scored anew.</source>
            <translation>Die Datei dieses Bildes hat sich geändert. Sie wurde neu gelesen und wird neu bewertet.</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/arrivals_desk.py" />
            <source>Check the disk and the permissions.</source>
            <translation>Prüfen Sie den Datenträger und die Berechtigungen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/arrivals_desk.py" />
            <source>Check the drive or the network; Opacity goes on looking for it.</source>
            <translation>Prüfen Sie das Laufwerk oder das Netzwerk; Opacity versucht es weiter.</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/arrivals_desk.py" />
            <source>Click to open the inbox.</source>
            <translation>Klicken öffnet den Posteingang.</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/arrivals_desk.py" />
            <source>Listening on {address}, port {port}, as {title}.</source>
            <translation>Empfängt auf {address}, Port {port}, als {title}.</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/arrivals_desk.py" />
            <source>Not listening.</source>
            <translation>Empfängt nicht.</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/arrivals_desk.py" />
            <source>One new image is in the inbox (File, Open inbox).</source>
            <translation>Ein neues Bild liegt im Posteingang (Datei, Posteingang öffnen).</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/arrivals_desk.py" />
            <source>Opacity's own folder cannot be written: {reason}.</source>
            <translation>In Opacitys eigenen Ordner kann nicht geschrieben werden: {reason}.</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/arrivals_desk.py" />
            <source>Settings and received images are kept there.</source>
            <translation>Einstellungen und empfangene Bilder liegen dort.</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/arrivals_desk.py" />
            <source>Starting to listen…</source>
            <translation>Empfang wird gestartet …</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/arrivals_desk.py" />
            <source>Stopping…</source>
            <translation>Wird beendet …</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/arrivals_desk.py" />
            <source>The folder can be reached again.</source>
            <translation>Der Ordner ist wieder erreichbar.</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/arrivals_desk.py" />
            <source>The list stays as it is; nothing of what you did is lost.</source>
            <translation>Die Liste bleibt, wie sie ist; nichts von Ihrer Arbeit geht verloren.</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/arrivals_desk.py" />
            <source>Turned away: {sender}, because {reason}.</source>
            <translation>Abgewiesen: {sender}, denn {reason}.</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/arrivals_desk.py" />
            <source>it does not call from the address that was agreed</source>
            <translation>er ruft nicht von der vereinbarten Adresse</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/arrivals_desk.py" />
            <source>it does not speak TLS as expected, or has no certificate that is trusted</source>
            <translation>er spricht TLS nicht wie erwartet oder hat kein Zertifikat, dem vertraut wird</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/arrivals_desk.py" />
            <source>it is not among the allowed callers, or asked for another AE title</source>
            <translation>er gehört nicht zu den erlaubten Absendern oder rief einen anderen AE Title</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/arrivals_desk.py" />
            <source>it sent too many images within a minute</source>
            <translation>er hat binnen einer Minute zu viele Bilder gesendet</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/arrivals_desk.py" />
            <source>the image could not be written to the disk</source>
            <translation>das Bild konnte nicht auf den Datenträger geschrieben werden</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/arrivals_desk.py" />
            <source>the image is too large, or the disk is nearly full</source>
            <translation>das Bild ist zu groß oder der Datenträger fast voll</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/arrivals_desk.py" />
            <source>what it sent is no valid image; it is kept aside in the quarantine folder</source>
            <translation>was er sandte, ist kein gültiges Bild; es liegt im Quarantäne-Ordner</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/arrivals_desk.py" />
            <source>{count} new images are in the inbox (File, Open inbox).</source>
            <translation>{count} neue Bilder liegen im Posteingang (Datei, Posteingang öffnen).</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/arrivals_desk.py" />
            <source>{folder} cannot be reached any more.</source>
            <translation>{folder} ist nicht mehr erreichbar.</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/column_menu.py" />
            <source>Columns</source>
            <translation>Spalten</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/recent_menu.py" />
            <source>Forget these</source>
            <translation>Diese vergessen</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/recent_menu.py" />
            <source>Nothing yet</source>
            <translation>Noch nichts</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/recent_menu.py" />
            <source>Open recent</source>
            <translation>Zuletzt geöffnet</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source> · {hidden:,} hidden by the filter</source>
            <translation> · {hidden:,} vom Filter verborgen</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>, highest first</source>
            <translation>, höchste zuerst</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>, next: {score}</source>
            <translation>, als Nächstes: {score}</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>, next: {state}</source>
            <translation>, als Nächstes: {state}</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>, {read:,} read</source>
            <translation>, {read:,} gelesen</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>A click folds or unfolds them.</source>
            <translation>Ein Klick klappt sie auf oder zu.</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>A verdict under the same UID was given on other pixels.</source>
            <translation>Unter derselben UID gibt es ein Urteil über andere Pixel.</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>Age</source>
            <translation>Alter</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>Below</source>
            <translation>Darunter</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>Below threshold: {total:,}</source>
            <translation>Unter der Schwelle: {total:,}</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <location filename="../../app/gui/worklist/view.py" />
            <location filename="../../app/review/export/pdf.py" />
            <source>Call</source>
            <translation>Einstufung</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>Could not be read: {counts}</source>
            <translation>Nicht lesbar: {counts}</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>From the audit, in the order of its gallery.</source>
            <translation>Aus dem Audit, in der Reihenfolge seiner Galerie.</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>In the queue: {total:,}</source>
            <translation>In der Warteschlange: {total:,}</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>No score.</source>
            <translation>Kein Score.</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>Not yet scored.</source>
            <translation>Noch nicht bewertet.</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>Pat. ID</source>
            <translation>Pat.-ID</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <location filename="../../app/review/export/pdf.py" />
            <source>Patient</source>
            <translation>Patient</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>Patient ID {patient_id}</source>
            <translation>Patienten-ID {patient_id}</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>Read</source>
            <translation>Urteil</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>Read: {total:,}</source>
            <translation>Gelesen: {total:,}</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <location filename="../../app/review/export/pdf.py" />
            <source>Reader</source>
            <translation>Befunder</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>Refused or unreadable: only a person can judge these.</source>
            <translation>Abgelehnt oder nicht lesbar: Nur ein Mensch kann diese beurteilen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>Scored at or above the threshold, without a caution.</source>
            <translation>Bewertet, an oder über der Schwelle, ohne Vorbehalt.</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>Scored below the threshold. That does not exclude pneumonia.</source>
            <translation>Bewertet, unter der Schwelle. Das schließt eine Pneumonie nicht aus.</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>Scored, and hidden until you have judged them.</source>
            <translation>Bewertet und verborgen, bis Sie geurteilt haben.</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>Scored, with a caution or with the threshold inside the likely range.</source>
            <translation>Bewertet, mit einem Vorbehalt oder mit der Schwelle im wahrscheinlichen Bereich.</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>Study date</source>
            <translation>Studiendatum</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>Suspicious: {total:,}</source>
            <translation>Verdächtig: {total:,}</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>To read: {total:,}</source>
            <translation>Zu lesen: {total:,}</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>Unsure, look yourself: {total:,}</source>
            <translation>Unsicher, selbst ansehen: {total:,}</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>You have judged these, or acknowledged that they cannot be read.</source>
            <translation>Diese haben Sie beurteilt oder als nicht lesbar zur Kenntnis genommen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>You: {verdict}</source>
            <translation>Sie: {verdict}</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>caution</source>
            <translation>Vorsicht</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>gone</source>
            <translation>fort</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>other pixels</source>
            <translation>andere Pixel</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>read</source>
            <translation>gelesen</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>read by others</source>
            <translation>von anderen gelesen</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>refused</source>
            <translation>abgelehnt</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>scored</source>
            <translation>bewertet</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>unread</source>
            <translation>ungelesen</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>unreadable</source>
            <translation>unlesbar</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>waiting</source>
            <translation>wartet</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/text.py" />
            <source>{read:,} of {total:,} read</source>
            <translation>{read:,} von {total:,} gelesen</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/view.py" />
            <source>Counts</source>
            <translation>Zahlen</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/view.py" />
            <source>Filter by text</source>
            <translation>Nach Text filtern</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/view.py" />
            <source>Filter: {title}</source>
            <translation>Filter: {title}</translation>
        </message>
        <message>
            <location filename="../../app/gui/worklist/view.py" />
            <source>{title}: all</source>
            <translation>{title}: alle</translation>
        </message>
        <message>
            <location filename="../../app/inference/attribution/methods.py" />
            <source>A convolutional network was expected.</source>
            <translation>Ein Netz mit Faltungen wurde erwartet.</translation>
        </message>
        <message>
            <location filename="../../app/inference/attribution/methods.py" />
            <source>As Grad-CAM, but each channel of the grid is weighted by the places where it raises the logit; what speaks against is left out, so that it does not add up.</source>
            <translation>Wie Grad-CAM, aber jeder Kanal des Gitters wird nach den Stellen gewichtet, an denen er den Logit hebt; was dagegen spricht, fehlt, so dass es nicht aufgeht.</translation>
        </message>
        <message>
            <location filename="../../app/inference/attribution/methods.py" />
            <source>Choose SmoothGrad or Occlusion, or another model.</source>
            <translation>Wählen Sie SmoothGrad oder Verdeckung, oder ein anderes Modell.</translation>
        </message>
        <message>
            <location filename="../../app/inference/attribution/methods.py" />
            <source>Each channel of the grid is laid over the image as a mask and weighted by the logit that is left, over that of a black image. No gradient; of the 64 channels that vary most.</source>
            <translation>Jeder Kanal des Gitters wird als Maske über das Bild gelegt und nach dem Logit gewichtet, der bleibt, über dem eines schwarzen Bildes. Ohne Gradient; von den 64 Kanälen, die am stärksten schwanken.</translation>
        </message>
        <message>
            <location filename="../../app/inference/attribution/methods.py" />
            <source>How much the logit falls when a square of the image is replaced by its mean.</source>
            <translation>Wie weit der Logit fällt, wenn ein Quadrat des Bildes durch dessen Mittelwert ersetzt wird.</translation>
        </message>
        <message>
            <location filename="../../app/inference/attribution/methods.py" />
            <source>How touchy the score is at each place, up or down: the mean size of the gradient over 20 noisy copies. It does not say what speaks for pneumonia.</source>
            <translation>Wie empfindlich der Wert an jeder Stelle ist, nach oben oder unten: die mittlere Größe des Gradienten über 20 verrauschte Kopien. Was für Pneumonie spricht, sagt sie nicht.</translation>
        </message>
        <message>
            <location filename="../../app/inference/attribution/methods.py" />
            <source>Occlusion</source>
            <translation>Verdeckung</translation>
        </message>
        <message>
            <location filename="../../app/inference/attribution/methods.py" />
            <source>What each place adds to the logit.</source>
            <translation>Was jede Stelle zum Logit beiträgt.</translation>
        </message>
        <message>
            <location filename="../../app/inference/attribution/methods.py" />
            <source>What each place adds to the logit; channels that speak against are left out.</source>
            <translation>Was jede Stelle zum Logit beiträgt; Kanäle, die dagegen sprechen, fehlen.</translation>
        </message>
        <message>
            <location filename="../../app/inference/attribution/methods.py" />
            <source>{method} shows the grid of a network's last convolution, and {model} has none.</source>
            <translation>{method} zeigt das Gitter der letzten Faltung eines Netzes, und {model} hat keine.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>A folder that exists, can be written and has {megabytes} MB of room was expected.</source>
            <translation>Erwartet wurde ein vorhandener, beschreibbarer Ordner mit {megabytes} MB freiem Platz.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>A folder with room for the model was expected.</source>
            <translation>Erwartet wurde ein Ordner mit Platz für das Modell.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>A model named {name} is already there.</source>
            <translation>Ein Modell namens {name} gibt es schon.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>A {suffix} file was expected, as `models export` writes it.</source>
            <translation>Erwartet wurde eine Datei {suffix}, wie `models export` sie schreibt.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>At most {most} were expected.</source>
            <translation>Erwartet wurden höchstens {most}.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>Do not use it unless you know where it comes from; get the file again.</source>
            <translation>Verwenden Sie es nur, wenn Sie wissen, woher es kommt; besorgen Sie die Datei neu.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>Each model has a name of its own, and none is overwritten.</source>
            <translation>Jedes Modell hat einen eigenen Namen, und keines wird überschrieben.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>Free disk space or permissions and import it again.</source>
            <translation>Schaffen Sie Platz oder Rechte und importieren Sie es noch einmal.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>Free disk space, or choose another place.</source>
            <translation>Schaffen Sie Platz, oder wählen Sie einen anderen Ort.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>Get the file again from where it came from; do not use one that you cannot trust.</source>
            <translation>Holen Sie die Datei noch einmal von ihrer Quelle; verwenden Sie keine, der Sie nicht trauen können.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>Import it under another name (`--name` on the command line).</source>
            <translation>Importieren Sie es unter einem anderen Namen (`--name` auf der Befehlszeile).</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>The model could not be kept in {folder}: {reason}.</source>
            <translation>Das Modell konnte nicht in {folder} abgelegt werden: {reason}.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>The model could not be written to {path}: {reason}.</source>
            <translation>Das Modell konnte nicht nach {path} geschrieben werden: {reason}.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>The model {card} cannot be exported: its {name} has {bytes} bytes.</source>
            <translation>Das Modell {card} kann nicht exportiert werden: {name} hat {bytes} Bytes.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>The serving form must be that of the network in model.keras.</source>
            <translation>Die Ausführungsform muss die des Netzes in model.keras sein.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>The two forms of the model {name} do not give the same scores.</source>
            <translation>Die beiden Formen des Modells {name} ergeben nicht dieselben Werte.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>This Opacity reads format {format}.</source>
            <translation>Dieses Opacity liest das Format {format}.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>Train a smaller model.</source>
            <translation>Trainieren Sie ein kleineres Modell.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>Use the Opacity that wrote the file, or a newer one.</source>
            <translation>Verwenden Sie das Opacity, das die Datei schrieb, oder ein neueres.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>a model of that name has come meanwhile</source>
            <translation>inzwischen gibt es ein Modell dieses Namens</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>it cannot be read: {reason}</source>
            <translation>sie kann nicht gelesen werden: {reason}</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>it holds {names}</source>
            <translation>sie enthält {names}</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>it is damaged or no model's file ({kind})</source>
            <translation>sie ist beschädigt oder keine Modelldatei ({kind})</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>it is larger than any model's file</source>
            <translation>sie ist größer als jede Modelldatei</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <location filename="../../app/inference/runtime/model_file.py" />
            <source>it unpacks to more than a network of this kind can need</source>
            <translation>sie entpackt sich zu mehr, als ein solches Netz brauchen kann</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>its manifest names other files than it holds</source>
            <translation>ihr Inhaltsverzeichnis nennt andere Dateien, als sie enthält</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>its {file} is a link or encrypted</source>
            <translation>{file} darin ist ein Verweis oder verschlüsselt</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>its {file} is larger than {limit} bytes</source>
            <translation>{file} darin ist größer als {limit} Bytes</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>only one of its card and its files knows of {file}</source>
            <translation>nur eines von beiden, Karte oder Dateien, kennt {file}</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>{file} is not the one its manifest describes</source>
            <translation>{file} ist nicht die Datei, die das Inhaltsverzeichnis beschreibt</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>{name} cannot be imported: {why}.</source>
            <translation>{name} kann nicht importiert werden: {why}.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/archive.py" />
            <source>{name} has the format {format!r}.</source>
            <translation>{name} hat das Format {format!r}.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/models.py" />
            <source>A folder that can be written and has room was expected.</source>
            <translation>Erwartet wurde ein beschreibbarer Ordner mit Platz.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/models.py" />
            <source>A model that was promoted earlier was expected.</source>
            <translation>Erwartet wurde ein Modell, das früher aktiviert war.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/models.py" />
            <source>All that depends on the network was expected in its card before it judges.</source>
            <translation>In seiner Karte wurde alles erwartet, was vom Netz abhängt, bevor es urteilt.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/models.py" />
            <location filename="../../app/inference/runtime/classifier.py" />
            <source>Choose another model.</source>
            <translation>Wählen Sie ein anderes Modell.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/models.py" />
            <source>Choose one of them; `python main.py models` lists them.</source>
            <translation>Wählen Sie eines davon; `python main.py models` listet sie auf.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/models.py" />
            <source>Free disk space or permissions and try again; the active model is as before.</source>
            <translation>Schaffen Sie Platz oder Berechtigungen, und versuchen Sie es erneut; das aktive Modell ist wie zuvor.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/models.py" />
            <source>Letters, digits, - and _ were expected, at most {longest_name}.</source>
            <translation>Erwartet wurden Buchstaben, Ziffern, - und _, höchstens {longest_name}.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/models.py" />
            <source>Promote a model to change the active one.</source>
            <translation>Aktivieren Sie ein Modell, um das aktive zu wechseln.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/models.py" />
            <source>The active model {wanted} cannot be used, so {default} is: {why}</source>
            <translation>Das aktive Modell {wanted} kann nicht verwendet werden, deshalb gilt {default}: {why}</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/models.py" />
            <source>The folder {folder} holds no model.keras.</source>
            <translation>Der Ordner {folder} enthält keine model.keras.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/models.py" />
            <source>The model {title} lacks: {missing}.</source>
            <translation>Dem Modell {title} fehlt: {missing}.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/models.py" />
            <source>There are: {names}.</source>
            <translation>Es gibt: {names}.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/models.py" />
            <source>There is no model named {name!r}.</source>
            <translation>Es gibt kein Modell namens {name!r}.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/models.py" />
            <source>There is nothing to go back to: {before} is active, and none was before it.</source>
            <translation>Es gibt nichts, wohin zurückzukehren wäre: {before} ist aktiv, und vor ihm war keines.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/models.py" />
            <source>Train it again with this Opacity, or promote it knowing what is missing (`models promote --despite-missing`).</source>
            <translation>Trainieren Sie es mit diesem Opacity neu, oder aktivieren Sie es im Wissen, was fehlt (`models promote --despite-missing`).</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/models.py" />
            <source>Which model is active could not be kept in {home}: {value}.</source>
            <translation>Welches Modell aktiv ist, ließ sich nicht in {home} festhalten: {value}.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/models.py" />
            <source>Which model is active could not be read ({name}: {said}), so {default} is. Promote the model you want again.</source>
            <translation>Welches Modell aktiv ist, ließ sich nicht lesen ({name}: {said}), deshalb gilt {default}. Aktivieren Sie das gewünschte Modell noch einmal.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/models.py" />
            <source>another model lies under its name than the one that was promoted.</source>
            <translation>unter seinem Namen liegt ein anderes Modell als das, das aktiviert wurde.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/models.py" />
            <source>it is not there any more.</source>
            <translation>es ist nicht mehr da.</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/models.py" />
            <source>trained here</source>
            <translation>hier trainiert</translation>
        </message>
        <message>
            <location filename="../../app/inference/registry/models.py" />
            <source>{name!r} cannot name a model.</source>
            <translation>{name!r} kann kein Modellname sein.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/check.py" />
            <location filename="../../app/inference/runtime/model_file.py" />
            <location filename="../../app/inference/runtime/serving.py" />
            <location filename="../../app/inference/scoring/features.py" />
            <location filename="../../app/inference/scoring/out_of_distribution.py" />
            <source>Copy the model's folder again, or train it again.</source>
            <translation>Kopieren Sie den Ordner des Modells noch einmal, oder trainieren Sie es neu.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/check.py" />
            <location filename="../../app/inference/runtime/model_file.py" />
            <source>Do not use it unless you know where it comes from; train it again.</source>
            <translation>Verwenden Sie es nicht, wenn Sie nicht wissen, woher es kommt; trainieren Sie es neu.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/check.py" />
            <source>Its SHA-256 must equal that under serving in card.json.</source>
            <translation>Ihr SHA-256 muss dem unter serving in card.json gleichen.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/check.py" />
            <location filename="../../app/inference/runtime/model_file.py" />
            <source>Layers and their weights were expected, and nothing else.</source>
            <translation>Erwartet wurden Schichten und ihre Gewichte, sonst nichts.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/check.py" />
            <source>The serving form {path} cannot be used: {error}.</source>
            <translation>Die Ausführungsform {path} kann nicht verwendet werden: {error}.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/check.py" />
            <source>The serving form {path} is not the one its card describes.</source>
            <translation>Die Ausführungsform {path} ist nicht die, die ihre Karte beschreibt.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/check.py" />
            <source>it has {count} inputs</source>
            <translation>sie hat {count} Eingänge</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/check.py" />
            <source>it has {count} operators</source>
            <translation>sie hat {count} Operatoren</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/check.py" />
            <source>it holds functions of its own</source>
            <translation>sie enthält eigene Funktionen</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/check.py" />
            <source>it holds more than a network of this kind can need</source>
            <translation>sie enthält mehr, als ein Netz dieser Art brauchen kann</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/check.py" />
            <source>it holds the operator {name!r}</source>
            <translation>sie enthält den Operator {name!r}</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/check.py" />
            <source>it is cut off</source>
            <translation>sie ist abgeschnitten</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/check.py" />
            <source>it is damaged</source>
            <translation>sie ist beschädigt</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/check.py" />
            <source>its input is no image</source>
            <translation>ihr Eingang ist kein Bild</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/check.py" />
            <source>its values need more memory than a network of this kind can</source>
            <translation>ihre Werte brauchen mehr Speicher, als ein Netz dieser Art brauchen kann</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/check.py" />
            <source>its weights are no plain arrays</source>
            <translation>ihre Gewichte sind keine einfachen Felder</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/check.py" />
            <source>its weights have another size than they say</source>
            <translation>ihre Gewichte haben eine andere Größe, als sie angeben</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/check.py" />
            <source>its weights lie in another file</source>
            <translation>ihre Gewichte liegen in einer anderen Datei</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/check.py" />
            <source>its {name} make no sense</source>
            <translation>ihre Angabe {name} ergibt keinen Sinn</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/check.py" />
            <source>the size of its values is not known</source>
            <translation>die Größe ihrer Werte ist nicht bekannt</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/classifier.py" />
            <source>A finite score was expected.</source>
            <translation>Erwartet wurde ein endlicher Score.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/classifier.py" />
            <source>Choose another model: this one is damaged.</source>
            <translation>Wählen Sie ein anderes Modell: dieses ist beschädigt.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/classifier.py" />
            <source>Close other programs and try again.</source>
            <translation>Schließen Sie andere Programme, und versuchen Sie es erneut.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/classifier.py" />
            <source>It has {name!r}.</source>
            <translation>Es hat {name!r}.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/classifier.py" />
            <source>Out of memory: going on with fewer images a batch: {count}.</source>
            <translation>Zu wenig Speicher: weiter mit weniger Bildern je Batch: {count}.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/classifier.py" />
            <source>Scoring needs a model of the classes NORMAL and PNEUMONIA.</source>
            <translation>Zum Bewerten braucht es ein Modell mit den Klassen NORMAL und PNEUMONIA.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/classifier.py" />
            <source>The GPU's memory is too small: going on with the CPU.</source>
            <translation>Der Speicher der GPU ist zu klein: weiter mit der CPU.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/classifier.py" />
            <source>The model {name} expects the preprocessing {preprocessing!r}, which this Opacity does not have.</source>
            <translation>Das Modell {name} erwartet die Vorverarbeitung {preprocessing!r}, die dieses Opacity nicht hat.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/classifier.py" />
            <source>The model {name} gave a score that is not a number.</source>
            <translation>Das Modell {name} gab einen Score, der keine Zahl ist.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/classifier.py" />
            <source>The model {name} tells {classes}.</source>
            <translation>Das Modell {name} unterscheidet {classes}.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/classifier.py" />
            <source>The network needs some hundred megabytes.</source>
            <translation>Das Netz braucht einige hundert Megabyte.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/classifier.py" />
            <source>There is not enough memory to score even one image.</source>
            <translation>Der Speicher reicht nicht einmal für ein Bild.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/classifier.py" />
            <source>Use the Opacity that trained the model, or train it again.</source>
            <translation>Verwenden Sie das Opacity, mit dem das Modell trainiert wurde, oder trainieren Sie es neu.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/model_file.py" />
            <source>A .keras file that Opacity wrote was expected.</source>
            <translation>Erwartet wurde eine .keras-Datei, die Opacity geschrieben hat.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/model_file.py" />
            <source>A Keras model as its card describes was expected.</source>
            <translation>Erwartet wurde ein Keras-Modell, wie seine Karte es beschreibt.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/model_file.py" />
            <source>A model of Keras' own layers was expected, without Lambda.</source>
            <translation>Erwartet wurde ein Modell aus Keras' eigenen Schichten, ohne Lambda.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/model_file.py" />
            <source>Do not use it unless you know where it comes from; rebuild it of plain layers.</source>
            <translation>Verwenden Sie es nicht, wenn Sie nicht wissen, woher es kommt; bauen Sie es aus einfachen Schichten neu.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/model_file.py" />
            <source>Its SHA-256 must equal weights_sha256 in card.json.</source>
            <translation>Ihr SHA-256 muss weights_sha256 in card.json gleichen.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/model_file.py" />
            <source>The file model.keras holds {value}.</source>
            <translation>Die Datei model.keras enthält {value}.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/model_file.py" />
            <source>The model file {path} cannot be loaded: {error}.</source>
            <translation>Die Modelldatei {path} kann nicht geladen werden: {error}.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/model_file.py" />
            <source>The model file {path} cannot be read: {error}.</source>
            <translation>Die Modelldatei {path} kann nicht gelesen werden: {error}.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/model_file.py" />
            <source>The model file {path} holds {code}, which is code.</source>
            <translation>Die Modelldatei {path} enthält {code}, also Programmcode.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/model_file.py" />
            <source>The model file {path} is not the one its card describes.</source>
            <translation>Die Modelldatei {path} ist nicht die, die ihre Karte beschreibt.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/model_file.py" />
            <source>The weights in model.keras cannot be read ({name}).</source>
            <translation>Die Gewichte in model.keras können nicht gelesen werden ({name}).</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/model_file.py" />
            <source>a Lambda layer</source>
            <translation>eine Lambda-Schicht</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/model_file.py" />
            <source>a layer from {module}</source>
            <translation>eine Schicht aus {module}</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/model_file.py" />
            <source>a link at {name!r}</source>
            <translation>einen Verweis bei {name!r}</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/model_file.py" />
            <source>a second link to the same object at {name!r}</source>
            <translation>eine zweite Verknüpfung zu demselben Objekt bei {name!r}</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/model_file.py" />
            <source>its shapes are {first} to {last}</source>
            <translation>ihre Formen sind {first} zu {last}</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/model_file.py" />
            <source>more numbers than its size allows at {name!r}</source>
            <translation>mehr Zahlen, als ihre Größe zulässt, bei {name!r}</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/model_file.py" />
            <source>more than {count} arrays and groups</source>
            <translation>mehr als {count} Felder und Gruppen</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/model_file.py" />
            <source>something that is no array of numbers at {name!r}</source>
            <translation>etwas, das kein Zahlenfeld ist, bei {name!r}</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/onnx.py" />
            <source>A network as its card describes was expected.</source>
            <translation>Erwartet wurde ein Netz, wie es die Karte beschreibt.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/onnx.py" />
            <source>The serving form of {name} cannot be loaded: {error}.</source>
            <translation>Die Ausführungsform von {name} kann nicht geladen werden: {error}.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/onnx.py" />
            <source>its constant is no number</source>
            <translation>ihre Konstante ist keine Zahl</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/onnx.py" />
            <source>its inputs are {inputs}</source>
            <translation>ihre Eingänge sind {inputs}</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/onnx.py" />
            <source>its outputs are {outputs}</source>
            <translation>ihre Ausgänge sind {outputs}</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/serving.py" />
            <location filename="../../app/inference/scoring/out_of_distribution.py" />
            <source>The card of this model says that there is one.</source>
            <translation>Die Karte dieses Modells sagt, dass es eine gibt.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/serving.py" />
            <source>The model {name} is prepared for quick scoring, once.</source>
            <translation>Das Modell {name} wird einmalig für die schnelle Bewertung vorbereitet.</translation>
        </message>
        <message>
            <location filename="../../app/inference/runtime/serving.py" />
            <source>The serving form {path} cannot be read: {error}.</source>
            <translation>Die Ausführungsform {path} kann nicht gelesen werden: {error}.</translation>
        </message>
        <message>
            <location filename="../../app/inference/scoring/features.py" />
            <source>A gate that was fitted with this network was expected.</source>
            <translation>Erwartet wurde eine Prüfung, die mit diesem Netz angepasst wurde.</translation>
        </message>
        <message>
            <location filename="../../app/inference/scoring/features.py" />
            <source>The fitness gate is of another network: {error}.</source>
            <translation>Die Eignungsprüfung gehört zu einem anderen Netz: {error}.</translation>
        </message>
        <message>
            <location filename="../../app/inference/scoring/out_of_distribution.py" />
            <source>A file that Opacity wrote was expected.</source>
            <translation>Erwartet wurde eine Datei, die Opacity geschrieben hat.</translation>
        </message>
        <message>
            <location filename="../../app/inference/scoring/out_of_distribution.py" />
            <source>Its SHA-256 must equal that under fitness in card.json.</source>
            <translation>Ihr SHA-256 muss dem unter fitness in card.json gleichen.</translation>
        </message>
        <message>
            <location filename="../../app/inference/scoring/out_of_distribution.py" />
            <source>The fitness gate {name} cannot be read: {error}.</source>
            <translation>Die Eignungsprüfung {name} kann nicht gelesen werden: {error}.</translation>
        </message>
        <message>
            <location filename="../../app/inference/scoring/out_of_distribution.py" />
            <source>The fitness gate {path} cannot be read: {error}.</source>
            <translation>Die Eignungsprüfung {path} kann nicht gelesen werden: {error}.</translation>
        </message>
        <message>
            <location filename="../../app/inference/scoring/out_of_distribution.py" />
            <source>The fitness gate {path} is not the one its card describes.</source>
            <translation>Die Eignungsprüfung {path} ist nicht die, die ihre Karte beschreibt.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/audit_figures.py" />
            <location filename="../../app/jobs/pair_finder.py" />
            <location filename="../../app/jobs/slice_finder.py" />
            <location filename="../../app/jobs/suspects_finder.py" />
            <location filename="../../app/review/audit/files.py" />
            <source>Audit the folder again.</source>
            <translation>Prüfen Sie den Ordner noch einmal.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/audit_figures.py" />
            <source>The figures of an audit can be worked out from its scores.</source>
            <translation>Die Zahlen eines Audits lassen sich aus seinen Werten berechnen.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/audit_process.py" />
            <source>Free disk space and audit the folder again.</source>
            <translation>Speicherplatz schaffen und das Audit erneut starten.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/audit_process.py" />
            <source>The audit's own file was expected to be readable.</source>
            <translation>Die eigene Datei des Audits sollte lesbar sein.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/augmentation_preview.py" />
            <location filename="../../app/jobs/gallery_heatmaps.py" />
            <source>Check the disk or network share, then try again.</source>
            <translation>Prüfen Sie den Datenträger oder die Netzwerkfreigabe, und versuchen Sie es erneut.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/augmentation_preview.py" />
            <location filename="../../app/review/audit/labels.py" />
            <location filename="../../app/review/comparison/evaluation.py" />
            <location filename="../../app/review/comparison/trial.py" />
            <location filename="../../app/review/holdout/locks.py" />
            <source>Choose another folder.</source>
            <translation>Wählen Sie einen anderen Ordner.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/augmentation_preview.py" />
            <source>Images that can be trained on were expected.</source>
            <translation>Erwartet wurden Bilder, mit denen sich trainieren lässt.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/augmentation_preview.py" />
            <source>None of {count} images drawn at random can be read.</source>
            <translation>Keines von {count} zufällig gezogenen Bildern lässt sich lesen.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/augmentation_preview.py" />
            <source>The training images must stay readable.</source>
            <translation>Die Trainingsbilder müssen lesbar bleiben.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/event_process.py" />
            <source>Install Opacity again, then start once more.</source>
            <translation>Installieren Sie Opacity neu, dann starten Sie noch einmal.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/event_process.py" />
            <source>The images and one batch must fit into memory beside the other programs.</source>
            <translation>Die Bilder und ein Batch müssen neben den anderen Programmen in den Speicher passen.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/event_process.py" />
            <source>The last lines of {log} below may tell more.</source>
            <translation>Die letzten Zeilen von {log} unten sagen vielleicht mehr.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/event_process.py" />
            <source>The system ended the {name} process, most likely because memory ran out.</source>
            <translation>Das System hat den Prozess „{name}“ beendet, wahrscheinlich weil der Speicher ausging.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/event_process.py" />
            <source>The {name} process could not be started: {reason}.</source>
            <translation>Der Prozess „{name}“ konnte nicht gestartet werden: {reason}.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/event_process.py" />
            <source>The {name} process crashed ({how}).</source>
            <translation>Der Prozess „{name}“ ist abgestürzt ({how}).</translation>
        </message>
        <message>
            <location filename="../../app/jobs/event_process.py" />
            <source>The {name} process ended with exit code {code}.</source>
            <translation>Der Prozess „{name}“ endete mit dem Exit-Code {code}.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/event_process.py" />
            <source>The {name} process ended without {result} and without a reason.</source>
            <translation>Der Prozess „{name}“ endete ohne {result} und ohne Begründung.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/event_process.py" />
            <source>The {name} was ended by force: it did not answer the stop.</source>
            <translation>Der Prozess „{name}“ wurde gewaltsam beendet: er antwortete nicht auf das Anhalten.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/event_process.py" />
            <source>abort</source>
            <translation>Abbruch</translation>
        </message>
        <message>
            <location filename="../../app/jobs/event_process.py" />
            <source>bus error</source>
            <translation>Busfehler</translation>
        </message>
        <message>
            <location filename="../../app/jobs/event_process.py" />
            <source>code {code}</source>
            <translation>Code {code}</translation>
        </message>
        <message>
            <location filename="../../app/jobs/event_process.py" />
            <source>illegal instruction</source>
            <translation>unzulässiger Befehl</translation>
        </message>
        <message>
            <location filename="../../app/jobs/event_process.py" />
            <source>segmentation fault</source>
            <translation>Speicherzugriffsfehler</translation>
        </message>
        <message>
            <location filename="../../app/jobs/event_process.py" />
            <location filename="../../app/jobs/request_process.py" />
            <source>{command} must be a Python that can be run.</source>
            <translation>{command} muss ein Python sein, das sich ausführen lässt.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/exporter.py" />
            <source>The export failed ({kind}).</source>
            <translation>Der Export ist gescheitert ({kind}).</translation>
        </message>
        <message>
            <location filename="../../app/jobs/exporter.py" />
            <source>Try again, with fewer formats or images.</source>
            <translation>Versuchen Sie es erneut, mit weniger Formaten oder Bildern.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/exporter.py" />
            <source>What is in the folder by now is whole.</source>
            <translation>Was bisher im Ordner ist, ist vollständig.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/folder_counter.py" />
            <source>Check the disk or network share, then choose the folder again.</source>
            <translation>Prüfen Sie den Datenträger oder die Netzwerkfreigabe, und wählen Sie den Ordner noch einmal.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/folder_counter.py" />
            <source>The training images must stay readable while they are counted.</source>
            <translation>Die Trainingsbilder müssen lesbar bleiben, während sie gezählt werden.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/folder_inspector.py" />
            <source>Check the disk or network share, and try again.</source>
            <translation>Prüfen Sie den Datenträger oder die Netzwerkfreigabe, und versuchen Sie es erneut.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/folder_inspector.py" />
            <source>The training images must stay readable while they are looked at.</source>
            <translation>Die Trainingsbilder müssen lesbar bleiben, während sie durchgesehen werden.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/gallery_heatmaps.py" />
            <source>The images of the audit must stay readable.</source>
            <translation>Die Bilder des Audits müssen lesbar bleiben.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/image_reader.py" />
            <source>A readable image was expected.</source>
            <translation>Ein lesbares Bild wurde erwartet.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/image_reader.py" />
            <source>Choose another image.</source>
            <translation>Wählen Sie ein anderes Bild.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/inference_worker.py" />
            <source>A model that Opacity trained was expected.</source>
            <translation>Erwartet wurde ein Modell, das Opacity trainiert hat.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/inference_worker.py" />
            <source>Choose another model; the terminal that started Opacity has the details.</source>
            <translation>Wählen Sie ein anderes Modell; das Terminal, aus dem Opacity gestartet wurde, kennt die Einzelheiten.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/inference_worker.py" />
            <source>The model {name} could not be loaded ({kind}).</source>
            <translation>Das Modell {name} konnte nicht geladen werden ({kind}).</translation>
        </message>
        <message>
            <location filename="../../app/jobs/latest.py" />
            <source>The folder cannot be read: {value}.</source>
            <translation>Der Ordner kann nicht gelesen werden: {value}.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/listening_process.py" />
            <source>Close other programs, then switch listening on again.</source>
            <translation>Schließen Sie andere Programme, dann schalten Sie den Empfang wieder ein.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/listening_process.py" />
            <source>It receives until it is switched off.</source>
            <translation>Er empfängt, bis er ausgeschaltet wird.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/listening_process.py" />
            <source>Opacity is listening already.</source>
            <translation>Opacity empfängt schon.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/listening_process.py" />
            <source>Switch listening on again where you want it.</source>
            <translation>Schalten Sie den Empfang wieder ein, wo Sie ihn brauchen.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/listening_process.py" />
            <source>Switch listening on again.</source>
            <translation>Schalten Sie den Empfang wieder ein.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/listening_process.py" />
            <source>What was answered with success is in the inbox.</source>
            <translation>Was mit Erfolg beantwortet wurde, liegt im Eingang.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/listening_process.py" />
            <source>a word</source>
            <translation>ein Wort</translation>
        </message>
        <message>
            <location filename="../../app/jobs/listening_process.py" />
            <source>receiver</source>
            <translation>Empfänger</translation>
        </message>
        <message>
            <location filename="../../app/jobs/lock_service.py" />
            <source>The locked test sets were expected among your own files.</source>
            <translation>Die gesperrten Testsätze wurden unter Ihren eigenen Dateien erwartet.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/lock_service.py" />
            <location filename="../../app/jobs/sending.py" />
            <source>Try again.</source>
            <translation>Versuchen Sie es erneut.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/pair_finder.py" />
            <source>Two audits of the same folder can be compared.</source>
            <translation>Zwei Prüfungen desselben Ordners lassen sich vergleichen.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/prior_finder.py" />
            <location filename="../../app/jobs/tag_reader.py" />
            <source>Check the disk or network share.</source>
            <translation>Prüfen Sie den Datenträger oder die Netzwerkfreigabe.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/prior_finder.py" />
            <source>The images must stay readable.</source>
            <translation>Die Bilder müssen lesbar bleiben.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/report_process.py" />
            <source>Free disk space and try again.</source>
            <translation>Speicherplatz schaffen und noch einmal versuchen.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/report_process.py" />
            <source>The audit's own file was expected to be writable.</source>
            <translation>Die eigene Datei der Prüfung sollte geschrieben werden können.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/request_process.py" />
            <source>Close other programs, in case memory ran out, and try again.</source>
            <translation>Schließen Sie andere Programme, falls der Speicher ausging, und versuchen Sie es erneut.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/request_process.py" />
            <source>Install Opacity again.</source>
            <translation>Installieren Sie Opacity neu.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/request_process.py" />
            <source>It ends with a result, or says why there is none.</source>
            <translation>Er endet mit einem Ergebnis, oder sagt, warum es keines gibt.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/request_process.py" />
            <source>The process could not be started: {reason}.</source>
            <translation>Der Prozess konnte nicht gestartet werden: {reason}.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/request_process.py" />
            <source>The process ended without an answer (exit code {code}).</source>
            <translation>Der Prozess endete ohne Antwort (Exit-Code {code}).</translation>
        </message>
        <message>
            <location filename="../../app/jobs/sending.py" />
            <source>The files must be readable.</source>
            <translation>Die Dateien müssen lesbar sein.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/sending.py" />
            <source>The node must be reachable.</source>
            <translation>Der Knoten muss erreichbar sein.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/slice_finder.py" />
            <source>The slices of an audit can be worked out from its scores.</source>
            <translation>Die Teilgruppen einer Prüfung lassen sich aus ihren Werten berechnen.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/suspects_finder.py" />
            <source>Suspicious labels can be looked for among the scores of an audit.</source>
            <translation>Verdächtige Labels lassen sich unter den Scores einer Prüfung suchen.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/sweep_process.py" />
            <source>A stop ends the trials under way within a minute or two.</source>
            <translation>Anhalten beendet die laufenden Versuche binnen ein, zwei Minuten.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/sweep_process.py" />
            <source>A sweep ends when every setting was tried, or says why it cannot go on.</source>
            <translation>Ein Sweep endet, wenn jede Einstellung probiert ist, oder sagt, warum er nicht weiterkann.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/sweep_process.py" />
            <source>A sweep is already running.</source>
            <translation>Es läuft schon ein Sweep.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/sweep_process.py" />
            <source>Choose fewer workers or close other programs, then go on: what is done is kept.</source>
            <translation>Wählen Sie weniger Arbeiter oder schließen Sie andere Programme, dann machen Sie weiter: was fertig ist, bleibt.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/sweep_process.py" />
            <source>Go on with it when you want: every trial that was done is kept.</source>
            <translation>Machen Sie damit weiter, wann Sie wollen: jeder fertige Versuch bleibt.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/sweep_process.py" />
            <source>Go on with it: what is done is kept.</source>
            <translation>Machen Sie damit weiter: was fertig ist, bleibt.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/sweep_process.py" />
            <source>One sweep runs at a time.</source>
            <translation>Es läuft immer nur ein Sweep.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/sweep_process.py" />
            <location filename="../../app/jobs/training_process.py" />
            <source>Stop it, or wait until it ends.</source>
            <translation>Halten Sie den laufenden Vorgang an, oder warten Sie, bis er endet.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/sweep_process.py" />
            <source>a result</source>
            <translation>ein Ergebnis</translation>
        </message>
        <message>
            <location filename="../../app/jobs/sweep_process.py" />
            <source>sweep</source>
            <translation>Sweep</translation>
        </message>
        <message>
            <location filename="../../app/jobs/tag_reader.py" />
            <source>The file must stay readable.</source>
            <translation>Die Datei muss lesbar bleiben.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/training_process.py" />
            <source>A run ends with a saved model, or says why it cannot.</source>
            <translation>Ein Lauf endet mit einem gespeicherten Modell oder sagt, warum er es nicht kann.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/training_process.py" />
            <source>A stop saves the best weights so far within a few minutes.</source>
            <translation>Anhalten speichert die bisher besten Gewichte binnen einiger Minuten.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/training_process.py" />
            <source>A training is already running.</source>
            <translation>Es läuft schon ein Training.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/training_process.py" />
            <source>Choose a smaller batch size or close other programs, then start again.</source>
            <translation>Wählen Sie eine kleinere Batchgröße oder schließen Sie andere Programme, dann starten Sie noch einmal.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/training_process.py" />
            <source>One training runs at a time.</source>
            <translation>Es läuft immer nur ein Training.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/training_process.py" />
            <source>Start it again when you want.</source>
            <translation>Starten Sie es wieder, wann Sie wollen.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/training_process.py" />
            <location filename="../../app/training/data/inspection.py" />
            <source>Start it again.</source>
            <translation>Starten Sie noch einmal.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/training_process.py" />
            <source>Start it again; fewer images at once (batch size) make it answer sooner.</source>
            <translation>Starten Sie es noch einmal; mit weniger Bildern auf einmal (Batchgröße) antwortet es früher.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/training_process.py" />
            <source>The training was stopped while it was reading the images.</source>
            <translation>Das Training wurde angehalten, während es die Bilder las.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/training_process.py" />
            <source>There is something to keep from the first step on.</source>
            <translation>Vom ersten Schritt an gibt es etwas zu behalten.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/training_process.py" />
            <source>a model</source>
            <translation>ein Modell</translation>
        </message>
        <message>
            <location filename="../../app/jobs/uid_finder.py" />
            <source>Check the disk or the network.</source>
            <translation>Prüfen Sie den Datenträger oder das Netzwerk.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/uid_finder.py" />
            <source>The files must stay readable.</source>
            <translation>Die Dateien müssen lesbar bleiben.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/verdict_worker.py" />
            <location filename="../../app/review/verdicts/store.py" />
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>Choose another place for the verdicts in the settings.</source>
            <translation>Wählen Sie in den Einstellungen einen anderen Ort für die Urteile.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/verdict_worker.py" />
            <source>The verdict is not saved ({kind}).</source>
            <translation>Das Urteil ist nicht gespeichert ({kind}).</translation>
        </message>
        <message>
            <location filename="../../app/jobs/verdict_worker.py" />
            <source>The verdict is not saved: the database of verdicts is not open.</source>
            <translation>Das Urteil ist nicht gespeichert: die Urteilsdatenbank ist nicht geöffnet.</translation>
        </message>
        <message>
            <location filename="../../app/jobs/verdict_worker.py" />
            <source>Why was told when it could not be opened.</source>
            <translation>Warum, wurde gesagt, als sie sich nicht öffnen ließ.</translation>
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>11112 is usual for DICOM.</source>
            <translation>11112 ist für DICOM üblich.</translation>
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>A caller in the settings of the DICOM network is left out: {why}</source>
            <translation>Ein Absender in den Einstellungen des DICOM-Netzes ist ausgelassen: {why}</translation>
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>A host name or an IP address was expected.</source>
            <translation>Erwartet wurde ein Rechnername oder eine IP-Adresse.</translation>
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>A node in the settings of the DICOM network is left out. {why}</source>
            <translation>Ein Knoten in den Einstellungen des DICOM-Netzes ist ausgelassen. {why}</translation>
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>A whole number from 1 to 65535 was expected.</source>
            <translation>Erwartet wurde eine ganze Zahl von 1 bis 65535.</translation>
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>Add the sender's AE title, best with its address: MODALITY@192.168.1.20.</source>
            <translation>Fügen Sie den AE Title des Absenders hinzu, am besten mit seiner Adresse: MODALITY@192.168.1.20.</translation>
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>An AE title has 1 to 16 letters, digits or signs, without a backslash.</source>
            <translation>Ein AE Title hat 1 bis 16 Buchstaben, Ziffern oder Zeichen, ohne umgekehrten Schrägstrich.</translation>
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>An IP address or a network was expected, such as 192.168.1.0/24.</source>
            <translation>Erwartet wurde eine IP-Adresse oder ein Netz, etwa 192.168.1.0/24.</translation>
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>Ask whoever runs the other system for the right one.</source>
            <translation>Fragen Sie, wer das andere System betreibt, nach dem richtigen.</translation>
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>Correct it, or leave the @ and what follows away.</source>
            <translation>Berichtigen Sie sie, oder lassen Sie das @ und was folgt weg.</translation>
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>Give it in the settings, DICOM network.</source>
            <translation>Geben Sie sie in den Einstellungen unter DICOM-Netzwerk an.</translation>
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>Listening beyond this computer needs at least one allowed caller.</source>
            <translation>Über diesen Rechner hinaus zu empfangen braucht mindestens einen erlaubten Absender.</translation>
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>Nobody is named who may send to this computer.</source>
            <translation>Niemand ist genannt, der an diesen Rechner senden darf.</translation>
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>The node {name} has no address.</source>
            <translation>Der Knoten {name} hat keine Adresse.</translation>
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>The setting {name} of the DICOM network is left out: it is {value!r}.</source>
            <translation>Die Einstellung {name} des DICOM-Netzes ist ausgelassen: Sie lautet {value!r}.</translation>
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>The settings of the DICOM network ({file}) cannot be read: none of them counts. Give them again.</source>
            <translation>Die Einstellungen des DICOM-Netzes ({file}) sind nicht lesbar: Keine davon gilt. Geben Sie sie erneut ein.</translation>
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>{port} is no port.</source>
            <translation>{port} ist kein Port.</translation>
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>“{network}” is no address.</source>
            <translation>„{network}“ ist keine Adresse.</translation>
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>“{title}” is no AE title.</source>
            <translation>„{title}“ ist kein AE Title.</translation>
        </message>
        <message>
            <location filename="../../app/network/inbox_store.py" />
            <source>Another Opacity is receiving already.</source>
            <translation>Ein anderes Opacity empfängt schon.</translation>
        </message>
        <message>
            <location filename="../../app/network/inbox_store.py" />
            <source>One receiver at a time fills the inbox.</source>
            <translation>Nur ein Empfänger auf einmal füllt den Posteingang.</translation>
        </message>
        <message>
            <location filename="../../app/network/inbox_store.py" />
            <source>Switch listening off there, or close it.</source>
            <translation>Schalten Sie den Empfang dort aus, oder schließen Sie es.</translation>
        </message>
        <message>
            <location filename="../../app/network/listen_worker.py" />
            <source>A folder that can be written is needed in Opacity's own folder.</source>
            <translation>In Opacitys eigenem Ordner braucht es einen beschreibbaren Ordner.</translation>
        </message>
        <message>
            <location filename="../../app/network/listen_worker.py" />
            <source>Check the disk and the permissions, then listen again.</source>
            <translation>Prüfen Sie den Datenträger und die Berechtigungen, und schalten Sie den Empfang wieder ein.</translation>
        </message>
        <message>
            <location filename="../../app/network/listen_worker.py" />
            <source>The inbox cannot be used: {reason}.</source>
            <translation>Der Posteingang kann nicht verwendet werden: {reason}.</translation>
        </message>
        <message>
            <location filename="../../app/network/listen_worker.py" />
            <source>no reason</source>
            <translation>keine Begründung</translation>
        </message>
        <message>
            <location filename="../../app/network/outgoing.py" />
            <source>, and an image compressed with loss is not sent in another form.</source>
            <translation>, und ein verlustbehaftet komprimiertes Bild wird nicht in anderer Form gesendet.</translation>
        </message>
        <message>
            <location filename="../../app/network/outgoing.py" />
            <source>Not sent: it is no DICOM object.</source>
            <translation>Nicht gesendet: es ist kein DICOM-Objekt.</translation>
        </message>
        <message>
            <location filename="../../app/network/outgoing.py" />
            <source>Not sent: it would take more than 1 GB of memory to put it in another form.</source>
            <translation>Nicht gesendet: Die Umwandlung in eine andere Form bräuchte mehr als 1 GB Speicher.</translation>
        </message>
        <message>
            <location filename="../../app/network/outgoing.py" />
            <source>Not sent: the file cannot be read ({reason}).</source>
            <translation>Nicht gesendet: die Datei kann nicht gelesen werden ({reason}).</translation>
        </message>
        <message>
            <location filename="../../app/network/outgoing.py" />
            <source>Not sent: the file is damaged or incomplete.</source>
            <translation>Nicht gesendet: die Datei ist beschädigt oder unvollständig.</translation>
        </message>
        <message>
            <location filename="../../app/network/outgoing.py" />
            <source>Not sent: the node does not take this kind: {kind}.</source>
            <translation>Nicht gesendet: der Knoten nimmt diese Art nicht an: {kind}.</translation>
        </message>
        <message>
            <location filename="../../app/network/outgoing.py" />
            <source>Not sent: the node does not take {form}</source>
            <translation>Nicht gesendet: der Knoten nimmt nicht an: {form}</translation>
        </message>
        <message>
            <location filename="../../app/network/outgoing.py" />
            <source>Not sent: the node does not take {form}, and it cannot be decompressed.</source>
            <translation>Nicht gesendet: der Knoten nimmt {form} nicht an, und es lässt sich nicht dekomprimieren.</translation>
        </message>
        <message>
            <location filename="../../app/network/receiver.py" />
            <source>A free port and an address of this computer were expected.</source>
            <translation>Erwartet wurden ein freier Port und eine Adresse dieses Rechners.</translation>
        </message>
        <message>
            <location filename="../../app/network/receiver.py" />
            <source>Choose a port above 1023, such as 11112.</source>
            <translation>Wählen Sie einen Port über 1023, etwa 11112.</translation>
        </message>
        <message>
            <location filename="../../app/network/receiver.py" />
            <source>Choose another port, or end that program.</source>
            <translation>Wählen Sie einen anderen Port, oder beenden Sie jenes Programm.</translation>
        </message>
        <message>
            <location filename="../../app/network/receiver.py" />
            <source>Correct the address; 127.0.0.1 is this computer alone, 0.0.0.0 every network.</source>
            <translation>Berichtigen Sie die Adresse; 127.0.0.1 ist nur dieser Rechner, 0.0.0.0 jedes Netz.</translation>
        </message>
        <message>
            <location filename="../../app/network/receiver.py" />
            <source>Opacity cannot listen on {place}: {said}.</source>
            <translation>Opacity kann auf {place} nicht empfangen: {said}.</translation>
        </message>
        <message>
            <location filename="../../app/network/receiver.py" />
            <source>Port {port} is in use by another program.</source>
            <translation>Port {port} wird von einem anderen Programm benutzt.</translation>
        </message>
        <message>
            <location filename="../../app/network/receiver.py" />
            <source>The system does not let Opacity listen on port {port}.</source>
            <translation>Das System lässt Opacity auf Port {port} nicht empfangen.</translation>
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>A DICOM node was expected at that address and port.</source>
            <translation>An dieser Adresse und diesem Port wurde ein DICOM-Knoten erwartet.</translation>
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>A node answers a C-ECHO with success.</source>
            <translation>Ein Knoten beantwortet ein C-ECHO mit Erfolg.</translation>
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>A node must take their kind: {kinds}.</source>
            <translation>Ein Knoten muss ihre Art annehmen: {kinds}.</translation>
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>Ask whoever runs it.</source>
            <translation>Fragen Sie, wer ihn betreibt.</translation>
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>Check address, port and TLS in the settings, and that the node is running.</source>
            <translation>Prüfen Sie Adresse, Port und TLS in den Einstellungen und ob der Knoten läuft.</translation>
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>Choose another node, or have it set up for them.</source>
            <translation>Wählen Sie einen anderen Knoten, oder lassen Sie ihn dafür einrichten.</translation>
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>Connection lost: the node may not have it.</source>
            <translation>Verbindung verloren: der Knoten hat es vielleicht nicht.</translation>
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>Correct the AE titles, here or there; {title} is ours.</source>
            <translation>Berichtigen Sie die AE Titles, hier oder dort; unserer ist {title}.</translation>
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>Not sent: cancelled.</source>
            <translation>Nicht gesendet: abgebrochen.</translation>
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>Not sent: connection lost.</source>
            <translation>Nicht gesendet: Verbindung verloren.</translation>
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>Not sent: it cannot be encoded ({reason}).</source>
            <translation>Nicht gesendet: es lässt sich nicht kodieren ({reason}).</translation>
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>it does not speak TLS as expected</source>
            <translation>er spricht TLS nicht wie erwartet</translation>
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>it ended the connection without an answer</source>
            <translation>er hat die Verbindung ohne Antwort beendet</translation>
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>it wants a certificate of ours</source>
            <translation>er verlangt ein Zertifikat von uns</translation>
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>its certificate is not trusted ({reason})</source>
            <translation>seinem Zertifikat wird nicht vertraut ({reason})</translation>
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>no answer came in time</source>
            <translation>es kam keine Antwort in der Zeit</translation>
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>nobody listens there</source>
            <translation>dort antwortet niemand</translation>
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>the name is unknown</source>
            <translation>der Name ist unbekannt</translation>
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>{name} ({place}) cannot be reached: {why}.</source>
            <translation>{name} ({place}) ist nicht erreichbar: {why}.</translation>
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>{name} answered the test with a failure.</source>
            <translation>{name} hat die Probe mit einem Fehler beantwortet.</translation>
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>{name} refuses the connection.</source>
            <translation>{name} lehnt die Verbindung ab.</translation>
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>{name} takes none of these images.</source>
            <translation>{name} nimmt keines dieser Bilder an.</translation>
        </message>
        <message>
            <location filename="../../app/network/tls.py" />
            <source>A file with certificates in PEM form was expected.</source>
            <translation>Erwartet wurde eine Datei mit Zertifikaten im PEM-Format.</translation>
        </message>
        <message>
            <location filename="../../app/network/tls.py" />
            <source>Both are needed: a file with the certificate, and one with its private key.</source>
            <translation>Beides ist nötig: eine Datei mit dem Zertifikat und eine mit seinem privaten Schlüssel.</translation>
        </message>
        <message>
            <location filename="../../app/network/tls.py" />
            <source>Choose another file, or none to take senders without a certificate.</source>
            <translation>Eine andere Datei wählen, oder keine, um Absender ohne Zertifikat zu nehmen.</translation>
        </message>
        <message>
            <location filename="../../app/network/tls.py" />
            <source>Choose another file, or none to trust what this system trusts.</source>
            <translation>Wählen Sie eine andere Datei, oder keine, um dem zu vertrauen, wem dieses System vertraut.</translation>
        </message>
        <message>
            <location filename="../../app/network/tls.py" />
            <source>Choose other files, or make them readable for whoever runs Opacity.</source>
            <translation>Andere Dateien wählen, oder sie für den lesbar machen, der Opacity ausführt.</translation>
        </message>
        <message>
            <location filename="../../app/network/tls.py" />
            <source>Choose the two files that belong together.</source>
            <translation>Die beiden Dateien wählen, die zusammengehören.</translation>
        </message>
        <message>
            <location filename="../../app/network/tls.py" />
            <source>Files in PEM form were expected, the key without a password.</source>
            <translation>Erwartet wurden Dateien im PEM-Format, der Schlüssel ohne Passwort.</translation>
        </message>
        <message>
            <location filename="../../app/network/tls.py" />
            <source>For TLS a certificate or its key is missing.</source>
            <translation>Für TLS fehlt ein Zertifikat oder sein Schlüssel.</translation>
        </message>
        <message>
            <location filename="../../app/network/tls.py" />
            <source>Give both files, or neither to go without TLS.</source>
            <translation>Beide Dateien angeben, oder keine, um auf TLS zu verzichten.</translation>
        </message>
        <message>
            <location filename="../../app/network/tls.py" />
            <source>The certificate or its key cannot be read: {why}.</source>
            <translation>Das Zertifikat oder sein Schlüssel kann nicht gelesen werden: {why}.</translation>
        </message>
        <message>
            <location filename="../../app/network/tls.py" />
            <source>The certificates for {name} cannot be read.</source>
            <translation>Die Zertifikate für {name} können nicht gelesen werden.</translation>
        </message>
        <message>
            <location filename="../../app/network/tls.py" />
            <source>The certificates that senders must have cannot be read.</source>
            <translation>Die Zertifikate, die Absender haben müssen, können nicht gelesen werden.</translation>
        </message>
        <message>
            <location filename="../../app/network/tls.py" />
            <source>The key with which the certificate was made was expected.</source>
            <translation>Erwartet wurde der Schlüssel, mit dem das Zertifikat gemacht wurde.</translation>
        </message>
        <message>
            <location filename="../../app/network/tls.py" />
            <source>The private key does not belong to the certificate.</source>
            <translation>Der private Schlüssel gehört nicht zum Zertifikat.</translation>
        </message>
        <message>
            <location filename="../../app/network/tls.py" />
            <source>it is no such file, or locked by a password</source>
            <translation>es ist keine solche Datei, oder sie ist durch ein Passwort gesperrt</translation>
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>It does not know our AE title.</source>
            <translation>Er kennt unseren AE Title nicht.</translation>
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>It does not know this kind of connection.</source>
            <translation>Er kennt diese Art Verbindung nicht.</translation>
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>It gives no reason that is known here.</source>
            <translation>Er nennt keinen hier bekannten Grund.</translation>
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>It gives no reason.</source>
            <translation>Er nennt keinen Grund.</translation>
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>It has another AE title than the one we called.</source>
            <translation>Er hat einen anderen AE Title als den, den wir gerufen haben.</translation>
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>It has too many connections just now.</source>
            <translation>Er hat gerade zu viele Verbindungen.</translation>
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>It has too much to do just now.</source>
            <translation>Er hat gerade zu viel zu tun.</translation>
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>Refused: {why} ({code}).</source>
            <translation>Abgelehnt: {why} ({code}).</translation>
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>Sent.</source>
            <translation>Gesendet.</translation>
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>Sent; the node has changed or doubts parts of it ({code}).</source>
            <translation>Gesendet; der Knoten hat Teile davon geändert oder bezweifelt sie ({code}).</translation>
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>the node cannot understand it</source>
            <translation>der Knoten kann es nicht verstehen</translation>
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>the node does not allow it to us</source>
            <translation>der Knoten erlaubt es uns nicht</translation>
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>the node does not take this kind of object</source>
            <translation>der Knoten nimmt diese Art Objekt nicht an</translation>
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>the node finds its SOPInstanceUID invalid</source>
            <translation>der Knoten hält die SOPInstanceUID für ungültig</translation>
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>the node finds that it is not what it says</source>
            <translation>der Knoten findet, es sei nicht, was es zu sein behauptet</translation>
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>the node gives no reason that is known here</source>
            <translation>der Knoten nennt keinen hier bekannten Grund</translation>
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>the node has no room for it, or too much came at once</source>
            <translation>der Knoten hat keinen Platz dafür, oder es kam zu viel auf einmal</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/columns.py" />
            <source>Source folder</source>
            <translation>Herkunftsordner</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/csv_table.py" />
            <source>A CSV (text, one row a file) was expected.</source>
            <translation>Erwartet wurde eine CSV (Text, eine Zeile je Datei).</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/csv_table.py" />
            <source>A CSV was expected.</source>
            <translation>Erwartet wurde eine CSV.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/csv_table.py" />
            <source>A first row with the columns {columns} was expected.</source>
            <translation>Erwartet wurde eine erste Zeile mit den Spalten {columns}.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/csv_table.py" />
            <source>A first row with the columns {columns} was expected; it has {names}.</source>
            <translation>Erwartet wurde eine erste Zeile mit den Spalten {columns}; sie hat {names}.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/csv_table.py" />
            <source>Add the rows, or choose another CSV.</source>
            <translation>Fügen Sie die Zeilen hinzu, oder wählen Sie eine andere CSV.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/csv_table.py" />
            <source>Choose it again.</source>
            <translation>Wählen Sie sie noch einmal.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/csv_table.py" />
            <source>Each column was expected once.</source>
            <translation>Erwartet wurde jede Spalte einmal.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/csv_table.py" />
            <source>Name the columns in the first row.</source>
            <translation>Benennen Sie die Spalten in der ersten Zeile.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/csv_table.py" />
            <location filename="../../app/training/data/label_table.py" />
            <source>One row a file was expected.</source>
            <translation>Erwartet wurde eine Zeile je Datei.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/csv_table.py" />
            <source>Rename or remove one of them.</source>
            <translation>Benennen Sie eine davon um, oder entfernen Sie sie.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/csv_table.py" />
            <source>Save it as CSV again, or choose another file.</source>
            <translation>Speichern Sie sie noch einmal als CSV, oder wählen Sie eine andere Datei.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/csv_table.py" />
            <source>There is no file {table}.</source>
            <translation>Es gibt keine Datei {table}.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/csv_table.py" />
            <source>it holds no text</source>
            <translation>sie enthält keinen Text</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/csv_table.py" />
            <location filename="../../app/training/data/text.py" />
            <source>{first} and {last}</source>
            <translation>{first} und {last}</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/csv_table.py" />
            <source>{table} cannot be read: {why}.</source>
            <translation>{table} kann nicht gelesen werden: {why}.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/csv_table.py" />
            <source>{table} has no column {first} or {last}.</source>
            <translation>{table} hat keine Spalte {first} und keine Spalte {last}.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/csv_table.py" />
            <source>{table} has no column {name}.</source>
            <translation>{table} hat keine Spalte {name}.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/csv_table.py" />
            <source>{table} has no rows below its first.</source>
            <translation>{table} hat keine Zeilen unter der ersten.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/csv_table.py" />
            <source>{table} has the column {name} twice.</source>
            <translation>{table} hat die Spalte {name} zweimal.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/csv_text.py" />
            <source>a cell is longer than {most:,} characters</source>
            <translation>eine Zelle ist länger als {most:,} Zeichen</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/csv_text.py" />
            <source>a quotation mark is never closed</source>
            <translation>ein Anführungszeichen wird nie geschlossen</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/figures.py" />
            <source>AUC (ROC)</source>
            <translation>AUC (ROC)</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/figures.py" />
            <source>Average precision</source>
            <translation>Mittlere Präzision</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/figures.py" />
            <source>Balanced accuracy</source>
            <translation>Balancierte Genauigkeit</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/figures.py" />
            <location filename="../../app/review/report/model_page/figures.py" />
            <source>Brier score</source>
            <translation>Brier-Score</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/figures.py" />
            <source>DeLong</source>
            <translation>DeLong</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/figures.py" />
            <source>Expected calibration error</source>
            <translation>Erwarteter Kalibrierungsfehler</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/figures.py" />
            <source>Negative predictive value</source>
            <translation>Negativer prädiktiver Wert</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/figures.py" />
            <source>Positive predictive value</source>
            <translation>Positiver prädiktiver Wert</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/figures.py" />
            <source>Sensitivity at 90 % specificity</source>
            <translation>Sensitivität bei 90 % Spezifität</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/figures.py" />
            <source>Sensitivity at 95 % specificity</source>
            <translation>Sensitivität bei 95 % Spezifität</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/figures.py" />
            <source>Sensitivity at 99 % specificity</source>
            <translation>Sensitivität bei 99 % Spezifität</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/figures.py" />
            <source>Specificity at 90 % sensitivity</source>
            <translation>Spezifität bei 90 % Sensitivität</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/figures.py" />
            <source>Specificity at 95 % sensitivity</source>
            <translation>Spezifität bei 95 % Sensitivität</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/figures.py" />
            <source>Specificity at 99 % sensitivity</source>
            <translation>Spezifität bei 99 % Sensitivität</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/figures.py" />
            <source>Wilson</source>
            <translation>Wilson</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/figures.py" />
            <source>Wilson over patients: the bootstrap's interval has no width</source>
            <translation>Wilson über Patienten: Das Intervall des Bootstraps hat keine Breite</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/figures.py" />
            <source>bootstrap over images</source>
            <translation>Bootstrap über Bilder</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/figures.py" />
            <source>bootstrap over patients</source>
            <translation>Bootstrap über Patienten</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/files.py" />
            <source>A file that this Opacity wrote was expected.</source>
            <translation>Erwartet wurde eine Datei, die dieses Opacity geschrieben hat.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/files.py" />
            <source>The saved audit cannot be read: {error}.</source>
            <translation>Das gespeicherte Audit kann nicht gelesen werden: {error}.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/labels.py" />
            <source>A folder with labelled images was expected.</source>
            <translation>Erwartet wurde ein Ordner mit Bildern, die Labels haben.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/labels.py" />
            <source>Correct the table, or choose the folder that its paths start from.</source>
            <translation>Die Tabelle berichtigen oder den Ordner wählen, von dem ihre Pfade ausgehen.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/labels.py" />
            <source>Paths below the folder and the labels NORMAL and PNEUMONIA were expected.</source>
            <translation>Erwartet wurden Pfade unterhalb des Ordners und die Labels NORMAL und PNEUMONIA.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/labels.py" />
            <location filename="../../app/review/comparison/evaluation.py" />
            <source>The folder {folder} cannot be opened: {reason}.</source>
            <translation>Der Ordner {folder} kann nicht geöffnet werden: {reason}.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/labels.py" />
            <source>names of the subfolders</source>
            <translation>Namen der Unterordner</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/labels.py" />
            <source>the table {table}</source>
            <translation>die Tabelle {table}</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/labels.py" />
            <source>{source}; columns of {table}</source>
            <translation>{source}; Spalten von {table}</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/labels.py" />
            <source>{table} labels no image of the folder.</source>
            <translation>{table} gibt keinem Bild des Ordners ein Label.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/maps.py" />
            <source>A heatmap needs the image.</source>
            <translation>Eine Heatmap braucht das Bild.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/maps.py" />
            <source>Check the disk or network share, then audit the folder again.</source>
            <translation>Prüfen Sie Festplatte oder Netzlaufwerk und prüfen Sie den Ordner dann noch einmal.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/maps.py" />
            <source>No image of the audit can be read.</source>
            <translation>Kein Bild der Prüfung ist lesbar.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/maps.py" />
            <location filename="../../app/review/audit/pairs.py" />
            <source>The heatmaps were cancelled.</source>
            <translation>Die Heatmaps wurden abgebrochen.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/maps_worker.py" />
            <source>Choose another method, or audit the folder again.</source>
            <translation>Wählen Sie ein anderes Verfahren, oder prüfen Sie den Ordner noch einmal.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/pairs.py" />
            <source>Choose another model, and try again.</source>
            <translation>Wählen Sie ein anderes Modell und versuchen Sie es noch einmal.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/problems.py" />
            <source>Ages in the table that cannot be read: {n:,}. In no age group.</source>
            <translation>Altersangaben der Tabelle, die nicht lesbar sind: {n:,}. In keiner Altersgruppe.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/problems.py" />
            <source>Ages in the table without a unit, beside others with one: {n:,}. Taken as years.</source>
            <translation>Altersangaben der Tabelle ohne Einheit, neben anderen mit einer: {n:,}. Als Jahre genommen.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/problems.py" />
            <source>All scored images are {there}: the AUC and every figure that needs {missing} too are undefined.</source>
            <translation>Alle bewerteten Bilder sind {there}: Die AUC und jede Kennzahl, die auch {missing} braucht, sind nicht definiert.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/problems.py" />
            <source>Files that cannot be read: {n:,}.</source>
            <translation>Dateien, die nicht gelesen werden können: {n:,}.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/problems.py" />
            <source>Files without a verdict that counts: {n:,}. Left out.</source>
            <translation>Dateien ohne Urteil, das zählt: {n:,}. Weggelassen.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/problems.py" />
            <source>Images on which readers disagree: {n:,}. Left out.</source>
            <translation>Bilder, über die sich die Befunder nicht einig sind: {n:,}. Weggelassen.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/problems.py" />
            <source>Images that have the very pixels of another one: {n:,}.</source>
            <translation>Bilder mit genau denselben Pixeln wie ein anderes: {n:,}.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/problems.py" />
            <source>No image has a score, so there are no figures.</source>
            <translation>Kein Bild hat einen Wert, also gibt es keine Kennzahlen.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/problems.py" />
            <source>Pictures that are there with both labels, one of which must be wrong: {n:,}.</source>
            <translation>Bilder, die mit beiden Labels da sind, von denen eines falsch sein muss: {n:,}.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/problems.py" />
            <source>Refused by the model's gates, so not scored: {n:,}.</source>
            <translation>Vom Modell abgelehnt und daher nicht bewertet: {n:,}.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/problems.py" />
            <source>Rows of the database of verdicts that cannot be read: {n:,} (the first: row {row}, column {column}). Left out.</source>
            <translation>Zeilen der Urteilsdatenbank, die nicht lesbar sind: {n:,} (die erste: Zeile {row}, Spalte {column}). Ausgelassen.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/problems.py" />
            <source>The model was trained on {n:,} of the images, or on copies of them, and is scored on them by itself: the figures flatter.</source>
            <translation>Mit {n:,} der Bilder oder mit Kopien davon wurde das Modell trainiert, und es bewertet sie selbst: Die Kennzahlen schmeicheln.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/problems.py" />
            <source>The model was trained on {n:,} of the images. What counts there are out-of-fold scores, from networks that never saw the patient.</source>
            <translation>Mit {n:,} der Bilder wurde das Modell trainiert. Dort zählen Out-of-fold-Werte, von Netzen, die den Patienten nie gesehen haben.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/problems.py" />
            <source>The model's threshold was set on {n:,} of the images: sensitivity and specificity at it flatter there, the AUC does not.</source>
            <translation>Die Schwelle des Modells wurde an {n:,} der Bilder gesetzt: Sensitivität und Spezifität schmeicheln dort, die AUC nicht.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/problems.py" />
            <source>Without a score that is a number: {n:,}. Left out.</source>
            <translation>Ohne Wert, der eine Zahl ist: {n:,}. Weggelassen.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/readers.py" />
            <source>readers' verdicts given blind to the network</source>
            <translation>Urteile der Befunder ohne Sicht auf das Netz</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/readers.py" />
            <source>readers' verdicts, those who saw the network's score among them</source>
            <translation>Urteile der Befunder, auch derer, die den Wert des Netzes sahen</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/relabelling.py" />
            <source>Make room on the disk or correct the rights, and give it again.</source>
            <translation>Schaffen Sie Platz auf dem Datenträger oder berichtigen Sie die Rechte, und geben Sie sie noch einmal.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/relabelling.py" />
            <source>Put a copy from a backup in its place, or move it aside to begin anew.</source>
            <translation>Legen Sie eine Sicherungskopie an ihre Stelle, oder verschieben Sie sie, um neu zu beginnen.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/relabelling.py" />
            <source>The decision on this label was not saved: {reason}.</source>
            <translation>Die Entscheidung über dieses Label wurde nicht gespeichert: {reason}.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/relabelling.py" />
            <source>The earlier decisions on labels cannot be read.</source>
            <translation>Die früheren Entscheidungen über Labels lassen sich nicht lesen.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/relabelling.py" />
            <source>The file {path} was expected to take it.</source>
            <translation>Die Datei {path} hätte sie aufnehmen sollen.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/relabelling.py" />
            <source>They are expected in {path}, one line of JSON each.</source>
            <translation>Sie werden in {path} erwartet, je eine Zeile JSON.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/run.py" />
            <source>The audit was cancelled.</source>
            <translation>Das Audit wurde abgebrochen.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/slice_groups.py" />
            <source>all other values</source>
            <translation>alle anderen Werte</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/slice_groups.py" />
            <source>different for nearly every image</source>
            <translation>bei fast jedem Bild anders</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/slice_groups.py" />
            <source>not stated</source>
            <translation>nicht angegeben</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/slice_groups.py" />
            <source>the same for all images</source>
            <translation>bei allen Bildern gleich</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/slice_groups.py" />
            <source>{low:g} to {high:g}</source>
            <translation>{low:g} bis {high:g}</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/slice_tests.py" />
            <source>Fisher's exact test</source>
            <translation>Fishers exakter Test</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/slice_tests.py" />
            <source>permutation of patients</source>
            <translation>Permutation der Patienten</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/slices.py" />
            <source>Wilson over patients, who are few</source>
            <translation>Wilson über die Patienten, die wenige sind</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/slices.py" />
            <source>images of one class only: the AUC is undefined</source>
            <translation>Bilder nur einer Klasse: Die AUC ist nicht definiert</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/slices.py" />
            <source>no normal image in this slice</source>
            <translation>kein Normalbefund in dieser Teilgruppe</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/slices.py" />
            <source>no pneumonia in this slice</source>
            <translation>keine Pneumonie in dieser Teilgruppe</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/slices.py" />
            <source>one image: no rate can be read from it</source>
            <translation>ein Bild: daraus lässt sich kein Anteil ablesen</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/slices.py" />
            <source>small: shown, not tested</source>
            <translation>klein: gezeigt, nicht getestet</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/slices.py" />
            <source>too few such images outside this slice to compare with</source>
            <translation>zu wenige solche Bilder außerhalb dieser Teilgruppe zum Vergleich</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/suspects.py" />
            <source>Confident learning needs at least {least} images of each class with a score of a network that never saw them; here are {normal} NORMAL and {pneumonia} PNEUMONIA.</source>
            <translation>Confident Learning braucht von jeder Klasse mindestens {least} Bilder mit dem Score eines Netzes, das sie nie gesehen hat; hier sind es {normal} NORMAL und {pneumonia} PNEUMONIA.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/table_text.py" />
            <source>1 file lies in no folder NORMAL or PNEUMONIA: left out.</source>
            <translation>1 Datei liegt in keinem Ordner NORMAL oder PNEUMONIA: weggelassen.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/table_text.py" />
            <location filename="../../app/training/data/text.py" />
            <source>1 image of the folder is not in {table}: left out.</source>
            <translation>1 Bild des Ordners steht nicht in {table}: ausgelassen.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/table_text.py" />
            <source>1 row (line {line})</source>
            <translation>1 Zeile (Zeile {line} der Datei)</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/table_text.py" />
            <location filename="../../app/training/data/text.py" />
            <source>{count:,} images of the folder are not in {table}: left out.</source>
            <translation>{count:,} Bilder des Ordners stehen nicht in {table}: ausgelassen.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/table_text.py" />
            <source>{count:,} rows (lines {lines})</source>
            <translation>{count:,} Zeilen (Zeilen {lines} der Datei)</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/table_text.py" />
            <source>{n:,} files lie in no folder NORMAL or PNEUMONIA: left out.</source>
            <translation>{n:,} Dateien liegen in keinem Ordner NORMAL oder PNEUMONIA: weggelassen.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/table_text.py" />
            <source>{table}: {rows} of a file that another row names, with the same label: counted once.</source>
            <translation>{table}: {rows} zu einer Datei, die schon eine andere Zeile mit demselben Label nennt: einmal gezählt.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/table_text.py" />
            <source>{table}: {rows} of files that are not in the folder: left out.</source>
            <translation>{table}: {rows} zu Dateien, die nicht im Ordner sind: weggelassen.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/table_text.py" />
            <source>{table}: {rows} that give one file two labels: the file is left out.</source>
            <translation>{table}: {rows} mit zwei Labels für eine Datei: Die Datei wird weggelassen.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/table_text.py" />
            <source>{table}: {rows} with a label that is neither NORMAL nor PNEUMONIA: left out.</source>
            <translation>{table}: {rows} mit einem Label, das weder NORMAL noch PNEUMONIA ist: weggelassen.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/table_text.py" />
            <source>{table}: {rows} without a label: left out.</source>
            <translation>{table}: {rows} ohne Label: weggelassen.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/two_models.py" />
            <source>Audit the same folder with both.</source>
            <translation>Prüfen Sie denselben Ordner mit beiden.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/two_models.py" />
            <source>False alarms of both</source>
            <translation>Fehlalarme beider</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/two_models.py" />
            <source>Missed by both</source>
            <translation>Von beiden übersehen</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/two_models.py" />
            <source>New false alarms</source>
            <translation>Neue Fehlalarme</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/two_models.py" />
            <source>Newly caught</source>
            <translation>Neu erkannt</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/two_models.py" />
            <source>Newly cleared</source>
            <translation>Neu entwarnt</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/two_models.py" />
            <source>Newly missed</source>
            <translation>Neu übersehen</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/two_models.py" />
            <source>The two audits have no scored image in common.</source>
            <translation>Die beiden Prüfungen haben kein bewertetes Bild gemeinsam.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/two_models.py" />
            <source>Two models are compared on the same images with the same labels.</source>
            <translation>Zwei Modelle werden an denselben Bildern mit denselben Labels verglichen.</translation>
        </message>
        <message>
            <location filename="../../app/review/audit/worker.py" />
            <source>Try again with another folder or model.</source>
            <translation>Mit einem anderen Ordner oder Modell erneut versuchen.</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/compare.py" />
            <source>AUC {first:.3f} → {second:.3f}, difference {difference:+.3f}</source>
            <translation>AUC {first:.3f} → {second:.3f}, Unterschied {difference:+.3f}</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/compare.py" />
            <source>AUC: undefined, since the images are all of one class.</source>
            <translation>AUC: nicht bestimmt, da alle Bilder zu einer Klasse gehören.</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/compare.py" />
            <source>By the corrected labels:</source>
            <translation>Nach den berichtigten Labels:</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/compare.py" />
            <source>By the labels before their correction (another one for {images} of these images):</source>
            <translation>Nach den Labels vor ihrer Berichtigung (ein anderes bei {images} dieser Bilder):</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/compare.py" />
            <source>Left out, since one of the two was trained on them: {images} (the same: {same}, near duplicates: {near}, of the same patients: {patients}).</source>
            <translation>Ausgelassen, da eines der beiden damit trainiert wurde: {images} (dieselben: {same}, beinahe gleiche: {near}, von denselben Patienten: {patients}).</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/compare.py" />
            <source>Not compared: {why}</source>
            <translation>Nicht verglichen: {why}</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/compare.py" />
            <source>Pneumonias: {caught} newly caught, {missed} newly missed ({p_pneumonia}). Normals: {cleared} newly cleared, {alarms} newly false alarms ({p_normal}).</source>
            <translation>Pneumonien: {caught} neu erkannt, {missed} neu übersehen ({p_pneumonia}). Normale: {cleared} neu entlastet, {alarms} neue Fehlalarme ({p_normal}).</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/compare.py" />
            <source>Right against wrong over all images: {p} ({method}).</source>
            <translation>Richtig gegen falsch über alle Bilder: {p} ({method}).</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/compare.py" />
            <source>The threshold of {model} was set on {number} of these images, so its sensitivity and specificity flatter; its AUC does not.</source>
            <translation>Die Schwelle von {model} wurde an {number} dieser Bilder gesetzt, daher sind Sensitivität und Spezifität geschönt; die AUC ist es nicht.</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/compare.py" />
            <source>all {images} held-out images are of patients on whom {model} or the new model was trained.</source>
            <translation>alle {images} zurückgehaltenen Bilder stammen von Patienten, mit denen {model} oder das neue Modell trainiert wurde.</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/compare.py" />
            <source>it failed with {kind}.</source>
            <translation>er scheiterte mit {kind}.</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/compare.py" />
            <source>no difference shown</source>
            <translation>kein Unterschied gezeigt</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/compare.py" />
            <source>normals that only the first calls pneumonia</source>
            <translation>Normale, die nur das erste Pneumonie nennt</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/compare.py" />
            <source>normals that only the second calls pneumonia</source>
            <translation>Normale, die nur das zweite Pneumonie nennt</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/compare.py" />
            <source>p undefined</source>
            <translation>p nicht bestimmt</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/compare.py" />
            <source>pneumonias that only the first calls</source>
            <translation>Pneumonien, die nur das erste erkennt</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/compare.py" />
            <source>pneumonias that only the second calls</source>
            <translation>Pneumonien, die nur das zweite erkennt</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/compare.py" />
            <source>the first is better</source>
            <translation>das erste ist besser</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/compare.py" />
            <source>the new model does not tell NORMAL from PNEUMONIA.</source>
            <translation>das neue Modell unterscheidet nicht NORMAL von PNEUMONIA.</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/compare.py" />
            <source>the second is better</source>
            <translation>das zweite ist besser</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/compare.py" />
            <location filename="../../app/review/report/charts.py" />
            <source>undefined</source>
            <translation>nicht bestimmt</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/compare.py" />
            <source>{second} against {first} on the same images: {images} ({normal} NORMAL, {pneumonia} PNEUMONIA; known patients: {patients}).</source>
            <translation>{second} gegen {first} an denselben Bildern: {images} ({normal} NORMAL, {pneumonia} PNEUMONIA; bekannte Patienten: {patients}).</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/compare.py" />
            <source>{words} (95 % interval {low:+.3f} to {high:+.3f}): {verdict}.</source>
            <translation>{words} (95-%-Intervall {low:+.3f} bis {high:+.3f}): {verdict}.</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/compare.py" />
            <source>{words}: both rank the images alike.</source>
            <translation>{words}: beide ordnen die Bilder gleich.</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/compare.py" />
            <source>{words}; the images are too few or too easy for an interval.</source>
            <translation>{words}; für ein Intervall sind es zu wenige oder zu leichte Bilder.</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/evaluation.py" />
            <source>A class has images of only {fewest} different patients, too few to resample (at least {least}), so each image counts as a patient of its own; where patients do have several images, the intervals are too narrow.</source>
            <translation>Eine Klasse hat Bilder von nur {fewest} verschiedenen Patienten, zu wenige zum Ziehen (mindestens {least}), daher zählt jedes Bild als eigener Patient; wo Patienten doch mehrere Bilder haben, sind die Intervalle zu schmal.</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/evaluation.py" />
            <source>A folder with the subfolders NORMAL and PNEUMONIA was expected.</source>
            <translation>Erwartet wurde ein Ordner mit den Unterordnern NORMAL und PNEUMONIA.</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/evaluation.py" />
            <source>Choose the folder above the two, or rename the subfolders.</source>
            <translation>Wählen Sie den Ordner über den beiden, oder benennen Sie die Unterordner um.</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/evaluation.py" />
            <source>Each image's label is the name of its subfolder.</source>
            <translation>Die Klasse jedes Bildes ist der Name seines Unterordners.</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/evaluation.py" />
            <source>Images below them were expected.</source>
            <translation>Darunter wurden Bilder erwartet.</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/evaluation.py" />
            <source>No patient is known, so each image counts as a patient of its own.</source>
            <translation>Kein Patient ist bekannt, daher zählt jedes Bild als eigener Patient.</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/evaluation.py" />
            <source>The folder {folder} has no subfolder NORMAL or PNEUMONIA (it has: {names}).</source>
            <translation>Der Ordner {folder} hat keinen Unterordner NORMAL oder PNEUMONIA (er hat: {names}).</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/evaluation.py" />
            <source>The folders NORMAL and PNEUMONIA of {folder} hold no images.</source>
            <translation>Die Ordner NORMAL und PNEUMONIA von {folder} enthalten keine Bilder.</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/trial.py" />
            <source>A file changed while the models were compared: the second could not score it.</source>
            <translation>Eine Datei änderte sich, während die Modelle verglichen wurden: das zweite konnte sie nicht bewerten.</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/trial.py" />
            <source>Compare them again.</source>
            <translation>Vergleichen Sie noch einmal.</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/trial.py" />
            <source>Images of patients whom neither model has seen were expected.</source>
            <translation>Erwartet wurden Bilder von Patienten, die keines der Modelle gesehen hat.</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/trial.py" />
            <source>Images that both models judge were expected.</source>
            <translation>Erwartet wurden Bilder, die beide Modelle beurteilen.</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/trial.py" />
            <source>No image is left to compare on: of {files} files {scored} could be scored, and of these {left_out} belong to patients on whom one of the two models was trained.</source>
            <translation>Zum Vergleichen bleibt kein Bild: von {files} Dateien konnten {scored} bewertet werden, und davon gehören {left_out} zu Patienten, mit denen eines der beiden Modelle trainiert wurde.</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/trial.py" />
            <source>No image is left to compare on: the second model refuses all {images} that the first one scores.</source>
            <translation>Zum Vergleich bleibt kein Bild: Das zweite Modell weist alle {images} ab, die das erste bewertet.</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/trial.py" />
            <source>The comparison was cancelled.</source>
            <translation>Der Vergleich wurde abgebrochen.</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/trial.py" />
            <source>The folder must stay as it is meanwhile.</source>
            <translation>Der Ordner muss währenddessen bleiben, wie er ist.</translation>
        </message>
        <message>
            <location filename="../../app/review/comparison/worker.py" />
            <source>Try again with other images or models.</source>
            <translation>Versuchen Sie es mit anderen Bildern oder Modellen.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/deidentify.py" />
            <source>A DICOM file that follows the standard was expected.</source>
            <translation>Erwartet wurde eine DICOM-Datei, die dem Standard folgt.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/deidentify.py" />
            <source>Images of this kind often have names burned into their pixels; these stay.</source>
            <translation>Bilder dieser Art haben oft eingebrannte Namen; diese bleiben.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/deidentify.py" />
            <source>Leave this image out of the export.</source>
            <translation>Lassen Sie dieses Bild beim Export weg.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/deidentify.py" />
            <source>Text that is burned into the pixels (names, dates, markers) stays there: look.</source>
            <translation>In die Pixel eingebrannter Text (Namen, Daten, Marker) bleibt dort: sehen Sie nach.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/deidentify.py" />
            <source>The file says that text is burned into its pixels; it stays there.</source>
            <translation>Die Datei sagt, dass Text in ihre Pixel eingebrannt ist; er bleibt dort.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/deidentify.py" />
            <source>The identity could not be taken out ({kind}).</source>
            <translation>Die Identität ließ sich nicht entfernen ({kind}).</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf.py" />
            <source>Cautions</source>
            <translation>Vorbehalte</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf.py" />
            <source>Chest X-ray review</source>
            <translation>Durchsicht eines Thorax-Röntgenbildes</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf.py" />
            <source>Image</source>
            <translation>Bild</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf.py" />
            <source>In sight then</source>
            <translation>Dabei zu sehen</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf.py" />
            <source>Model {model}  ·  threshold {threshold}</source>
            <translation>Modell {model}  ·  Schwellenwert {threshold}</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf.py" />
            <source>NORMAL: below the threshold</source>
            <translation>NORMAL: unter dem Schwellenwert</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf.py" />
            <source>Network then</source>
            <translation>Das Netz damals</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf.py" />
            <source>No score. This is not a normal result.</source>
            <translation>Kein Score. Das ist kein Normalbefund.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf.py" />
            <source>No verdict has been given.</source>
            <translation>Es wurde kein Urteil abgegeben.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf.py" />
            <source>Not yet scored</source>
            <translation>Noch nicht bewertet</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf.py" />
            <source>Own label</source>
            <translation>Eigenes Label</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf.py" />
            <source>PNEUMONIA: at or above the threshold</source>
            <translation>PNEUMONIE: am oder über dem Schwellenwert</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf.py" />
            <source>Regions drawn</source>
            <translation>Gezeichnete Regionen</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf.py" />
            <source>The image could not be read.</source>
            <translation>Das Bild konnte nicht gelesen werden.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf.py" />
            <source>What the network says</source>
            <translation>Was das Netz sagt</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf.py" />
            <source>What the reader says</source>
            <translation>Was der Befunder sagt</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf.py" />
            <source>With heatmap: {what}</source>
            <translation>Mit Heatmap: {what}</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf.py" />
            <source>Yes</source>
            <translation>Ja</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf.py" />
            <location filename="../../app/review/report/pages.py" />
            <source>made on {day}</source>
            <translation>erstellt am {day}</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf_parts.py" />
            <source>Agrees</source>
            <translation>Stimmt zu</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf_parts.py" />
            <source>Disagrees</source>
            <translation>Widerspricht</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf_parts.py" />
            <source>Neither score nor heatmap</source>
            <translation>Weder Score noch Heatmap</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf_parts.py" />
            <source>Not for primary diagnosis</source>
            <translation>Nicht zur Primärdiagnostik</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf_parts.py" />
            <source>Page {number}</source>
            <translation>Seite {number}</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf_parts.py" />
            <location filename="../../app/review/report/advice_page.py" />
            <location filename="../../app/review/report/model_page/figures.py" />
            <source>Purpose</source>
            <translation>Zweck</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf_parts.py" />
            <source>Score and heatmap</source>
            <translation>Score und Heatmap</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf_parts.py" />
            <source>The heatmap, not the score</source>
            <translation>Die Heatmap, nicht der Score</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf_parts.py" />
            <source>The score, not the heatmap</source>
            <translation>Der Score, nicht die Heatmap</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf_parts.py" />
            <source>Version</source>
            <translation>Version</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf_parts.py" />
            <source>no score</source>
            <translation>kein Score</translation>
        </message>
        <message>
            <location filename="../../app/review/export/pdf_parts.py" />
            <source>{call}, score {p:.3f} at threshold {threshold:.6g} ({model})</source>
            <translation>{call}, Wert {p:.3f} bei Schwelle {threshold:.6g} ({model})</translation>
        </message>
        <message>
            <location filename="../../app/review/export/picture.py" />
            <source>An image that can be decoded was expected.</source>
            <translation>Erwartet wurde ein Bild, das sich dekodieren lässt.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/picture.py" />
            <source>Leave it out of the export, or export only tables.</source>
            <translation>Lassen Sie es beim Export weg, oder exportieren Sie nur Tabellen.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/picture.py" />
            <source>No heatmap</source>
            <translation>Keine Heatmap</translation>
        </message>
        <message>
            <location filename="../../app/review/export/picture.py" />
            <source>{image} has no pixels to show.</source>
            <translation>{image} hat keine Pixel zum Zeigen.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/presentation_state.py" />
            <source>At least one is needed.</source>
            <translation>Mindestens eine ist nötig.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/presentation_state.py" />
            <source>Draw one, then export again.</source>
            <translation>Zeichnen Sie eine, und exportieren Sie dann erneut.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/presentation_state.py" />
            <source>Export it again.</source>
            <translation>Exportieren Sie es erneut.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/presentation_state.py" />
            <source>Export it as Secondary Capture instead.</source>
            <translation>Exportieren Sie es stattdessen als Secondary Capture.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/presentation_state.py" />
            <source>Its window is needed.</source>
            <translation>Seine Fensterung wird gebraucht.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/presentation_state.py" />
            <source>{image} was not read.</source>
            <translation>{image} wurde nicht gelesen.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/run.py" />
            <source>A file that follows its standard was expected.</source>
            <translation>Erwartet wurde eine Datei, die ihrem Standard folgt.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/run.py" />
            <source>Choose another format for this image.</source>
            <translation>Wählen Sie für dieses Bild ein anderes Format.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/run.py" />
            <source>It could not be made ({kind}).</source>
            <translation>Es konnte nicht erstellt werden ({kind}).</translation>
        </message>
        <message>
            <location filename="../../app/review/export/source.py" />
            <source>A presentation state for greyscale needs a greyscale image.</source>
            <translation>Ein Presentation State für Graustufen braucht ein Graustufenbild.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/source.py" />
            <source>Each DICOM image has them.</source>
            <translation>Jedes DICOM-Bild hat sie.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/source.py" />
            <source>Export it as PDF or PNG.</source>
            <translation>Exportieren Sie es als PDF oder PNG.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/source.py" />
            <source>Export it in another form than DICOM.</source>
            <translation>In einer anderen Form als DICOM exportieren.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/source.py" />
            <source>Only the image in view is exported as it is seen.</source>
            <translation>Nur das Bild in der Ansicht wird so exportiert, wie es zu sehen ist.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/source.py" />
            <source>Open the image again, then export again.</source>
            <translation>Öffnen Sie das Bild noch einmal, dann exportieren Sie erneut.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/source.py" />
            <source>PNG, JPEG and TIFF files belong to no patient's study.</source>
            <translation>PNG-, JPEG- und TIFF-Dateien gehören zu keiner Studie eines Patienten.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/source.py" />
            <source>Score and verdict belong to the image that was there then.</source>
            <translation>Score und Urteil gehören zu dem Bild, das damals dort lag.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/source.py" />
            <source>See that it is still there, then export again.</source>
            <translation>Sehen Sie nach, ob sie noch da ist, und exportieren Sie dann erneut.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/source.py" />
            <source>The file names no study, series or image (its UIDs are missing or damaged).</source>
            <translation>Die Datei nennt keine Studie, Serie oder kein Bild (ihre UIDs fehlen oder sind beschädigt).</translation>
        </message>
        <message>
            <location filename="../../app/review/export/source.py" />
            <source>The file was there and could be read when it was opened.</source>
            <translation>Die Datei war da und lesbar, als sie geöffnet wurde.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/source.py" />
            <source>The image itself is only copied de-identified.</source>
            <translation>Das Bild selbst wird nur de-identifiziert kopiert.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/source.py" />
            <source>There are no regions drawn by hand.</source>
            <translation>Es gibt keine von Hand gezeichneten Regionen.</translation>
        </message>
        <message>
            <location filename="../../app/review/export/source.py" />
            <source>{path} cannot be read again ({kind}).</source>
            <translation>{path} kann nicht noch einmal gelesen werden ({kind}).</translation>
        </message>
        <message>
            <location filename="../../app/review/export/source.py" />
            <source>{path} has changed since its image was judged.</source>
            <translation>{path} hat sich geändert, seit das Bild beurteilt wurde.</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/lock_store.py" />
            <source>Put a copy from a backup in its place, or correct its rights.</source>
            <translation>Legen Sie eine Sicherungskopie an ihre Stelle, oder berichtigen Sie ihre Rechte.</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/lock_store.py" />
            <source>See the list of locked test sets.</source>
            <translation>Sehen Sie in der Liste der gesperrten Testsätze nach.</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/lock_store.py" />
            <source>The database {path} was expected.</source>
            <translation>Die Datenbank {path} wurde erwartet.</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/lock_store.py" />
            <source>The locked test sets cannot be read or written: {reason}.</source>
            <translation>Die gesperrten Testsätze lassen sich nicht lesen oder schreiben: {reason}.</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/lock_store.py" />
            <source>There is no such test set.</source>
            <translation>Diesen Testsatz gibt es nicht.</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/lock_store.py" />
            <source>it holds something that Opacity did not write</source>
            <translation>sie enthält etwas, das Opacity nicht geschrieben hat</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/lock_text.py" />
            <source>A model must not be trained on images or patients that it is tested on.</source>
            <translation>Ein Modell darf nicht mit Bildern oder Patienten trainiert werden, an denen es geprüft wird.</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/lock_text.py" />
            <source>Its figures were looked at once since.</source>
            <translation>Seine Zahlen wurden seither einmal angesehen.</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/lock_text.py" />
            <source>Its figures were looked at {looks:,} times since.</source>
            <translation>Seine Zahlen wurden seither {looks:,}-mal angesehen.</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/lock_text.py" />
            <source>Leave them out (a CSV names the images to train on), or unlock the test set in the audit bench; that is recorded and stated in its reports.</source>
            <translation>Lassen Sie sie aus (eine CSV nennt die Bilder fürs Training), oder entsperren Sie den Testsatz im Prüfstand; das wird festgehalten und in seinen Berichten genannt.</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/lock_text.py" />
            <source>Other images of its patients</source>
            <translation>Andere Bilder seiner Patienten</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/lock_text.py" />
            <source>Resized or re-compressed copies</source>
            <translation>Verkleinerte oder neu komprimierte Kopien</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/lock_text.py" />
            <source>Some of these images ({images:,} in all) belong to the locked test set {name}. {which}</source>
            <translation>Von diesen Bildern (insgesamt {images:,}) gehören welche zum gesperrten Testsatz {name}. {which}</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/lock_text.py" />
            <source>Test set {name} (images: {images:,}), locked on {day}.</source>
            <translation>Testsatz {name} (Bilder: {images:,}), gesperrt am {day}.</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/lock_text.py" />
            <source>The same pixels</source>
            <translation>Dieselben Pixel</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/lock_text.py" />
            <source>Unlocked on {day}: {reason}</source>
            <translation>Entsperrt am {day}: {reason}</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/locks.py" />
            <source>A test set is not unlocked without a reason.</source>
            <translation>Ein Testsatz wird nicht ohne Grund entsperrt.</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/locks.py" />
            <source>A test set with readable images was expected.</source>
            <translation>Ein Testsatz mit lesbaren Bildern wurde erwartet.</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/locks.py" />
            <source>One sentence was expected: it will stand in the reports.</source>
            <translation>Ein Satz wurde erwartet: Er wird in den Berichten stehen.</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/locks.py" />
            <source>Write why the test set may be trained on.</source>
            <translation>Schreiben Sie, warum mit dem Testsatz trainiert werden darf.</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/locks.py" />
            <source>audit bench</source>
            <translation>Prüfstand</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/locks.py" />
            <source>comparison of two models</source>
            <translation>Vergleich zweier Modelle</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/locks.py" />
            <source>evaluate</source>
            <translation>evaluate</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/locks.py" />
            <source>site report</source>
            <translation>Standortbericht</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/locks.py" />
            <source>{folder} has no image that could be locked.</source>
            <translation>{folder} hat kein Bild, das sich sperren ließe.</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/out_of_fold.py" />
            <source>A table of content hashes, patients, folds, labels and p was expected.</source>
            <translation>Erwartet wurde eine Tabelle mit Inhalts-Hashes, Patienten, Folds, Labels und p.</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/out_of_fold.py" />
            <source>Take {name} from where the model came from.</source>
            <translation>{name} von dort holen, woher das Modell stammt.</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/out_of_fold.py" />
            <source>The out-of-fold scores of the model {name} are damaged.</source>
            <translation>Die Out-of-fold-Werte des Modells {name} sind beschädigt.</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/overlap.py" />
            <source>Take the model's card.json from where the model came from, or choose another model.</source>
            <translation>Holen Sie die card.json des Modells von dort, woher das Modell kam, oder wählen Sie ein anderes Modell.</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/overlap.py" />
            <source>The card of the model {model} is damaged: {key!r} holds no list of hashes.</source>
            <translation>Die Karte des Modells {model} ist beschädigt: {key!r} enthält keine Liste von Hashes.</translation>
        </message>
        <message>
            <location filename="../../app/review/holdout/overlap.py" />
            <source>They tell which images the model has seen, and without them figures may flatter unseen.</source>
            <translation>Sie sagen, welche Bilder das Modell gesehen hat; ohne sie könnten Zahlen unbemerkt geschönt sein.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/advice.py" />
            <source>All images are of one class, so no threshold can be chosen here.</source>
            <translation>Alle Bilder sind von einer Klasse, deshalb lässt sich hier keine Schwelle wählen.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/advice.py" />
            <source>The class {name} has only {patients} different patients; at least {least} of each class are needed before a threshold of this site's own is worth more than the model's.</source>
            <translation>Die Klasse {name} hat nur {patients} verschiedene Patienten; mindestens {least} jeder Klasse sind nötig, bevor eine eigene Schwelle dieses Hauses mehr wert ist als die des Modells.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/advice_page.py" />
            <location filename="../../app/review/report/model_page/targets.py" />
            <source>Aim</source>
            <translation>Ziel</translation>
        </message>
        <message>
            <location filename="../../app/review/report/advice_page.py" />
            <source>Chosen on these images as a training chooses a model's operating points. Sensitivity and specificity are cross-fitted: each tenth of the patients is called at the threshold that the other nine tenths chose.</source>
            <translation>An diesen Bildern gewählt, wie ein Training die Arbeitspunkte eines Modells wählt. Sensitivität und Spezifität sind kreuzweise angepasst: Jedes Zehntel der Patienten wird an der Schwelle eingestuft, die die anderen neun Zehntel wählten.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/advice_page.py" />
            <source>How many more patients would narrow each 95 % interval to the stated width, from end to end: it narrows with the root of their number, so half the width needs four times as many. They must be of the same kind as those here (same machines, same referrals, same labelling) and be chosen without looking at the scores.</source>
            <translation>Wie viele weitere Patienten jedes 95-%-Intervall auf die genannte Breite verengen würden, von Ende zu Ende: Es schrumpft mit der Wurzel ihrer Zahl, die halbe Breite braucht also viermal so viele. Sie müssen von derselben Art sein wie die hier (dieselben Geräte, dieselben Zuweisungen, dieselbe Beschriftung) und ohne Blick auf die Scores gewählt werden.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/advice_page.py" />
            <source>Model's threshold</source>
            <translation>Schwelle des Modells</translation>
        </message>
        <message>
            <location filename="../../app/review/report/advice_page.py" />
            <source>More patients for a threshold within {width:.2f}</source>
            <translation>Weitere Patienten für eine Schwelle auf {width:.2f} genau</translation>
        </message>
        <message>
            <location filename="../../app/review/report/advice_page.py" />
            <source>More patients for the aimed share within {width:.2f}</source>
            <translation>Weitere Patienten für den angestrebten Anteil auf {width:.2f} genau</translation>
        </message>
        <message>
            <location filename="../../app/review/report/advice_page.py" />
            <source>Rests on</source>
            <translation>Beruht auf</translation>
        </message>
        <message>
            <location filename="../../app/review/report/advice_page.py" />
            <source>Sensitivity there</source>
            <translation>Sensitivität dort</translation>
        </message>
        <message>
            <location filename="../../app/review/report/advice_page.py" />
            <source>Specificity there</source>
            <translation>Spezifität dort</translation>
        </message>
        <message>
            <location filename="../../app/review/report/advice_page.py" />
            <source>This site's threshold</source>
            <translation>Schwelle dieses Hauses</translation>
        </message>
        <message>
            <location filename="../../app/review/report/advice_page.py" />
            <source>To catch {target:.0%} of the pneumonias here, {alarms:.0%} of the normals would raise an alarm: the model needs training on images of this site before a threshold helps.</source>
            <translation>Um hier {target:.0%} der Pneumonien zu finden, würden {alarms:.0%} der Normalen Alarm auslösen: Das Modell braucht ein Training mit Bildern dieses Hauses, bevor eine Schwelle hilft.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/advice_page.py" />
            <source>Use none of these. The scores do not tell the classes apart here, so every threshold pays for each pneumonia it catches with about as many false alarms as chance would.</source>
            <translation>Keine davon benutzen. Die Scores trennen die Klassen hier nicht, deshalb bezahlt jede Schwelle jede gefundene Pneumonie mit etwa so vielen Fehlalarmen wie der Zufall.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/advice_page.py" />
            <source>about {cases:,}</source>
            <translation>etwa {cases:,}</translation>
        </message>
        <message>
            <location filename="../../app/review/report/advice_page.py" />
            <source>none: it is as narrow already</source>
            <translation>keine: es ist schon so schmal</translation>
        </message>
        <message>
            <location filename="../../app/review/report/advice_page.py" />
            <source>too few for an interval</source>
            <translation>zu wenige für ein Intervall</translation>
        </message>
        <message>
            <location filename="../../app/review/report/advice_page.py" />
            <source>{patients:,} normal</source>
            <translation>{patients:,} normale</translation>
        </message>
        <message>
            <location filename="../../app/review/report/advice_page.py" />
            <source>{patients:,} with pneumonia</source>
            <translation>{patients:,} mit Pneumonie</translation>
        </message>
        <message>
            <location filename="../../app/review/report/advice_page.py" />
            <source>{target:.0%} of normals let alone</source>
            <translation>{target:.0%} der Normalen in Ruhe gelassen</translation>
        </message>
        <message>
            <location filename="../../app/review/report/advice_page.py" />
            <source>{target:.0%} of pneumonias caught</source>
            <translation>{target:.0%} der Pneumonien gefunden</translation>
        </message>
        <message>
            <location filename="../../app/review/report/charts.py" />
            <source>AUC {figure}</source>
            <translation>AUC {figure}</translation>
        </message>
        <message>
            <location filename="../../app/review/report/charts.py" />
            <source>As the threshold moves</source>
            <translation>Wenn sich die Schwelle bewegt</translation>
        </message>
        <message>
            <location filename="../../app/review/report/charts.py" />
            <source>Decision curve</source>
            <translation>Entscheidungskurve</translation>
        </message>
        <message>
            <location filename="../../app/review/report/charts.py" />
            <source>Decision curve of the model, of treating everybody and nobody.</source>
            <translation>Entscheidungskurve des Modells, der Behandlung aller und niemandes.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/charts.py" />
            <source>False positive rate</source>
            <translation>Rate falscher Alarme</translation>
        </message>
        <message>
            <location filename="../../app/review/report/charts.py" />
            <source>Forest plot; the table has its figures.</source>
            <translation>Forest-Plot; die Tabelle hat seine Zahlen.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/charts.py" />
            <source>Found: share of pneumonias</source>
            <translation>Gefunden: Anteil der Pneumonien</translation>
        </message>
        <message>
            <location filename="../../app/review/report/charts.py" />
            <source>Histogram of the scores of both classes, and the threshold.</source>
            <translation>Histogramm der Scores beider Klassen, und die Schwelle.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/charts.py" />
            <source>Precision-recall curve: {words}.</source>
            <translation>Präzisions-Sensitivitäts-Kurve: {words}.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/charts.py" />
            <source>ROC curve: {words}.</source>
            <translation>ROC-Kurve: {words}.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/charts.py" />
            <source>Recall (sensitivity)</source>
            <translation>Sensitivität (Recall)</translation>
        </message>
        <message>
            <location filename="../../app/review/report/charts.py" />
            <source>Reliability</source>
            <translation>Verlässlichkeit</translation>
        </message>
        <message>
            <location filename="../../app/review/report/charts.py" />
            <source>Reliability diagram: {bins} bins of as many images each.</source>
            <translation>Verlässlichkeitsdiagramm: {bins} Klassen mit gleich vielen Bildern.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/charts.py" />
            <source>Said: mean probability</source>
            <translation>Gesagt: mittlere Wahrscheinlichkeit</translation>
        </message>
        <message>
            <location filename="../../app/review/report/charts.py" />
            <source>Sensitivity and specificity against the threshold.</source>
            <translation>Sensitivität und Spezifität gegen die Schwelle.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/charts.py" />
            <source>Share called rightly</source>
            <translation>Richtig eingestufter Anteil</translation>
        </message>
        <message>
            <location filename="../../app/review/report/charts.py" />
            <source>Share of the class</source>
            <translation>Anteil der Klasse</translation>
        </message>
        <message>
            <location filename="../../app/review/report/charts.py" />
            <source>Threshold probability</source>
            <translation>Schwellenwahrscheinlichkeit</translation>
        </message>
        <message>
            <location filename="../../app/review/report/charts.py" />
            <source>Undefined: images of both classes are needed.</source>
            <translation>Nicht definiert: Bilder beider Klassen sind nötig.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/charts.py" />
            <source>average precision {figure}</source>
            <translation>mittlere Präzision {figure}</translation>
        </message>
        <message>
            <location filename="../../app/review/report/charts.py" />
            <source>everybody called</source>
            <translation>alle eingestuft</translation>
        </message>
        <message>
            <location filename="../../app/review/report/charts.py" />
            <source>everybody treated</source>
            <translation>alle behandelt</translation>
        </message>
        <message>
            <location filename="../../app/review/report/charts.py" />
            <source>holds</source>
            <translation>stimmt</translation>
        </message>
        <message>
            <location filename="../../app/review/report/charts.py" />
            <location filename="../../app/review/report/pages.py" />
            <source>labelled NORMAL</source>
            <translation>Label NORMAL</translation>
        </message>
        <message>
            <location filename="../../app/review/report/charts.py" />
            <location filename="../../app/review/report/pages.py" />
            <source>labelled PNEUMONIA</source>
            <translation>Label PNEUMONIA</translation>
        </message>
        <message>
            <location filename="../../app/review/report/charts.py" />
            <source>nobody treated</source>
            <translation>niemand behandelt</translation>
        </message>
        <message>
            <location filename="../../app/review/report/charts.py" />
            <source>specificity</source>
            <translation>Spezifität</translation>
        </message>
        <message>
            <location filename="../../app/review/report/charts.py" />
            <source>this model</source>
            <translation>dieses Modell</translation>
        </message>
        <message>
            <location filename="../../app/review/report/charts.py" />
            <source>{value} ({low} to {high})</source>
            <translation>{value} ({low} bis {high})</translation>
        </message>
        <message>
            <location filename="../../app/review/report/charts.py" />
            <source>◆ threshold {threshold:.3f}</source>
            <translation>◆ Schwelle {threshold:.3f}</translation>
        </message>
        <message>
            <location filename="../../app/review/report/document/files.py" />
            <source>A name that ends in {forms} or {last} was expected.</source>
            <translation>Ein Name, der auf {forms} oder {last} endet, wurde erwartet.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/document/files.py" />
            <source>Choose such a name.</source>
            <translation>Einen solchen Namen wählen.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/document/files.py" />
            <source>{name} does not say what kind of document it is to be.</source>
            <translation>{name} sagt nicht, welche Art Dokument es werden soll.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/findings.py" />
            <source>Images on which the model's thresholds were set, so that sensitivity and specificity flatter a little: {count:,}.</source>
            <translation>Bilder, an denen die Schwellen des Modells gesetzt wurden, weshalb Sensitivität und Spezifität ein wenig schmeicheln: {count:,}.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/findings.py" />
            <source>Images that were used to train the model: {known:,} (with the same pixels {exact:,}, resized or re-compressed {near:,}).</source>
            <translation>Bilder, mit denen das Modell trainiert wurde: {known:,} (mit denselben Pixeln {exact:,}, verkleinert oder neu komprimiert {near:,}).</translation>
        </message>
        <message>
            <location filename="../../app/review/report/findings.py" />
            <source>Judged by an out-of-fold score in place of the model's own, each from a network of the same recipe that never saw the patient: {count:,}.</source>
            <translation>Beurteilt nach einem Out-of-fold-Score statt nach dem des Modells, jeweils von einem Netz desselben Rezepts, das den Patienten nie sah: {count:,}.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/findings.py" />
            <source>Judged by the network that was trained on them, so that the figures flatter: {count:,}.</source>
            <translation>Beurteilt durch das Netz, das mit ihnen trainiert wurde, weshalb die Zahlen schmeicheln: {count:,}.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/findings.py" />
            <source>None of the images was used to train the model, as far as its card can tell.</source>
            <translation>Mit keinem der Bilder wurde das Modell trainiert, soweit seine Karte es sagen kann.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/findings.py" />
            <source>the model's own held-out patients</source>
            <translation>die zurückgehaltenen Patienten des Modells selbst</translation>
        </message>
        <message>
            <location filename="../../app/review/report/identity.py" />
            <source>(CSV of labels)</source>
            <translation>(CSV mit Labels)</translation>
        </message>
        <message>
            <location filename="../../app/review/report/identity.py" />
            <source>a folder with 1 labelled file (data {data})</source>
            <translation>ein Ordner mit 1 gelabelten Datei (Daten {data})</translation>
        </message>
        <message>
            <location filename="../../app/review/report/identity.py" />
            <source>a folder with {count:,} labelled files (data {data})</source>
            <translation>ein Ordner mit {count:,} gelabelten Dateien (Daten {data})</translation>
        </message>
        <message>
            <location filename="../../app/review/report/identity.py" />
            <source>a value of 1 patient</source>
            <translation>ein Wert von 1 Patienten</translation>
        </message>
        <message>
            <location filename="../../app/review/report/identity.py" />
            <source>a value of {patients} patients</source>
            <translation>ein Wert von {patients} Patienten</translation>
        </message>
        <message>
            <location filename="../../app/review/report/identity.py" />
            <source>the file</source>
            <translation>die Datei</translation>
        </message>
        <message>
            <location filename="../../app/review/report/misses.py" />
            <source>Missed pneumonia {number}: the image, and its heatmap</source>
            <translation>Übersehene Pneumonie {number}: das Bild und seine Heatmap</translation>
        </message>
        <message>
            <location filename="../../app/review/report/misses.py" />
            <source>The image cannot be read any more, or is another one now.</source>
            <translation>Das Bild ist nicht mehr lesbar oder jetzt ein anderes.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/misses.py" />
            <source>out-of-fold score</source>
            <translation>Out-of-fold-Score</translation>
        </message>
        <message>
            <location filename="../../app/review/report/misses.py" />
            <source>the heatmap is empty</source>
            <translation>die Heatmap ist leer</translation>
        </message>
        <message>
            <location filename="../../app/review/report/misses.py" />
            <source>{number}. Probability {p:.3f}</source>
            <translation>{number}. Wahrscheinlichkeit {p:.3f}</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/figures.py" />
            <source>A probability holds where {prevalence:.0%} of the patients have pneumonia, as among those it was calibrated on; where they are fewer, it is too high.</source>
            <translation>Eine Wahrscheinlichkeit gilt, wo {prevalence:.0%} der Patienten eine Pneumonie haben, wie unter denen, an denen kalibriert wurde; wo es weniger sind, ist sie zu hoch.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/figures.py" />
            <source>Cross-fitted on held-out patients: each tenth is called at the threshold that the other nine tenths chose. A threshold belongs to these weights and does not outlive a retraining.</source>
            <translation>Kreuzweise angepasst an zurückgehaltenen Patienten: Jedes Zehntel wird an der Schwelle eingestuft, die die anderen neun Zehntel wählten. Eine Schwelle gehört zu diesen Gewichten und überlebt kein neues Training.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/figures.py" />
            <source>Cross-validation</source>
            <translation>Kreuzvalidierung</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/figures.py" />
            <location filename="../../app/review/report/model_page/further.py" />
            <source>Expected calibration error (15 bins)</source>
            <translation>Erwarteter Kalibrierungsfehler (15 Klassen)</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/figures.py" />
            <source>Further slices in the report: {more:,}.</source>
            <translation>Weitere Teilmengen im Bericht: {more:,}.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/figures.py" />
            <source>Hard validation</source>
            <translation>Harte Validierung</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/figures.py" />
            <source>Held-out patients</source>
            <translation>Zurückgehaltene Patienten</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/figures.py" />
            <source>In brackets: 95 % intervals, patients resampled.</source>
            <translation>In Klammern: 95-%-Intervalle, Patienten neu gezogen.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/figures.py" />
            <source>Intercept (0 where they hold)</source>
            <translation>Achsenabschnitt (0, wo sie stimmen)</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/figures.py" />
            <source>Nobody has measured this model.</source>
            <translation>Niemand hat dieses Modell gemessen.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/figures.py" />
            <source>Of 100 patients, half with pneumonia</source>
            <translation>Von 100 Patienten, die Hälfte mit Pneumonie</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/figures.py" />
            <source>On whom</source>
            <translation>An wem</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/figures.py" />
            <location filename="../../app/review/report/slices_page.py" />
            <source>Pneumonia, normal</source>
            <translation>Pneumonie, normal</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/figures.py" />
            <source>Site report: {folder}</source>
            <translation>Prüfbericht: {folder}</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/figures.py" />
            <source>Slope (1 where probabilities hold)</source>
            <translation>Steigung (1, wo Wahrscheinlichkeiten stimmen)</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/figures.py" />
            <source>Where it says 0.1 to 0.9: said, found</source>
            <translation>Wo es 0,1 bis 0,9 sagt: gesagt, gefunden</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/figures.py" />
            <source>{folder}, at the threshold {threshold:.3f}</source>
            <translation>{folder}, an der Schwelle {threshold:.3f}</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/figures.py" />
            <source>{missed:.1f} missed, {alarms:.1f} false alarms</source>
            <translation>{missed:.1f} übersehen, {alarms:.1f} Fehlalarme</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/figures.py" />
            <source>{said:.3f}, {found} ({images:,} images)</source>
            <translation>{said:.3f}, {found} ({images:,} Bilder)</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/figures.py" />
            <source>… look {place}</source>
            <translation>… Aussehen {place}</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/further.py" />
            <source>About</source>
            <translation>Worum es geht</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/further.py" />
            <source>Accuracy among them</source>
            <translation>Richtigkeit unter ihnen</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/further.py" />
            <source>Accuracy and coverage</source>
            <translation>Richtigkeit und Abdeckung</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/further.py" />
            <source>Accuracy rises as the images with the widest range are set aside.</source>
            <translation>Die Richtigkeit steigt, wenn die Bilder mit der weitesten Spanne beiseitegelegt werden.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/further.py" />
            <source>Bacterial found (sensitivity)</source>
            <translation>Bakterielle gefunden (Sensitivität)</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/further.py" />
            <source>Flips of 1,000</source>
            <translation>Seitenwechsel von 1.000</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/further.py" />
            <source>Images kept, the surest</source>
            <translation>Behaltene Bilder, die sichersten</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/further.py" />
            <source>Images, patients</source>
            <translation>Bilder, Patienten</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/further.py" />
            <source>Missed pneumonia</source>
            <translation>Übersehene Pneumonie</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/further.py" />
            <source>No training image comes with the program. The pictures are shown from your own copy of the data: choose its folder in the window (Help, About this model), or give it to the command with --data.</source>
            <translation>Mit dem Programm kommt kein Trainingsbild. Die Bilder werden aus der eigenen Kopie der Daten gezeigt: ihren Ordner im Fenster wählen (Hilfe, Über dieses Modell) oder dem Befehl mit --data geben.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/further.py" />
            <location filename="../../app/review/report/model_page/out_of_distribution.py" />
            <source>Number</source>
            <translation>Anzahl</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/further.py" />
            <source>One thing is changed at a time and the lungs are left as they are: how far the probability moves on average, and how many of 1,000 images change sides at the threshold.</source>
            <translation>Je eine Sache wird geändert und die Lungen bleiben, wie sie sind: wie weit sich die Wahrscheinlichkeit im Mittel bewegt, und wie viele von 1.000 Bildern an der Schwelle die Seite wechseln.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/further.py" />
            <source>Probability</source>
            <translation>Wahrscheinlichkeit</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/further.py" />
            <source>Probability moves by</source>
            <translation>Die Wahrscheinlichkeit bewegt sich um</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/further.py" />
            <source>Rank correlation with the real spread</source>
            <translation>Rangkorrelation mit der wirklichen Streuung</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/further.py" />
            <source>Real networks within its range</source>
            <translation>Wirkliche Netze innerhalb ihrer Spanne</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/further.py" />
            <source>Share of images kept</source>
            <translation>Anteil behaltener Bilder</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/further.py" />
            <source>Shown only where pneumonia is called. It is a guess from the picture, never a finding of a germ, and no ground to give or to withhold antibiotics.</source>
            <translation>Nur gezeigt, wo Pneumonie eingestuft wird. Es ist eine Vermutung aus dem Bild, nie der Nachweis eines Erregers und kein Grund, Antibiotika zu geben oder wegzulassen.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/further.py" />
            <source>Viral found (specificity)</source>
            <translation>Virale gefunden (Spezifität)</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/further.py" />
            <source>“Look yourself” from a range of</source>
            <translation>„Selbst hinsehen“ ab einer Spanne von</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/gallery.py" />
            <source>Choose the folder that holds it.</source>
            <translation>Den Ordner wählen, der sie enthält.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/gallery.py" />
            <source>Missed pneumonia: the image, and its heatmap</source>
            <translation>Übersehene Pneumonie: das Bild und seine Heatmap</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/gallery.py" />
            <source>None of the images on record is in this folder.</source>
            <translation>Keines der verzeichneten Bilder liegt in diesem Ordner.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/gallery.py" />
            <source>Not in this copy, or refused now: {count} of {total}.</source>
            <translation>Nicht in dieser Kopie, oder jetzt abgelehnt: {count} von {total}.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/gallery.py" />
            <source>Probability {p}</source>
            <translation>Wahrscheinlichkeit {p}</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/gallery.py" />
            <source>Your own copy of the data that the model was measured on was expected.</source>
            <translation>Die eigene Kopie der Daten, an denen das Modell gemessen wurde, wurde erwartet.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/heatmap.py" />
            <source>A map that does not change when the weights are drawn anew shows the image, and not what the network learnt: from a rank correlation of 0.5 on it is flagged.</source>
            <translation>Eine Karte, die sich nicht ändert, wenn die Gewichte neu gezogen werden, zeigt das Bild und nicht, was das Netz gelernt hat: Ab einer Rangkorrelation von 0,5 wird sie beanstandet.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/heatmap.py" />
            <source>Deletion (random)</source>
            <translation>Löschen (zufällig)</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/heatmap.py" />
            <source>Deletion, and in a random order</source>
            <translation>Löschen, und in zufälliger Reihenfolge</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/heatmap.py" />
            <source>Images compared</source>
            <translation>Verglichene Bilder</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/heatmap.py" />
            <source>Insertion (random)</source>
            <translation>Einfügen (zufällig)</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/heatmap.py" />
            <source>Insertion, and in a random order</source>
            <translation>Einfügen, und in zufälliger Reihenfolge</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/heatmap.py" />
            <source>Mass outside the body's box</source>
            <translation>Anteil außerhalb des Rahmens des Körpers</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/heatmap.py" />
            <source>Mass outside the lungs' box</source>
            <translation>Anteil außerhalb des Rahmens der Lungen</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/heatmap.py" />
            <source>Method</source>
            <translation>Verfahren</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/heatmap.py" />
            <source>Outside the lungs</source>
            <translation>Außerhalb der Lungen</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/heatmap.py" />
            <source>Random weights</source>
            <translation>Zufällige Gewichte</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/heatmap.py" />
            <source>Rank correlation, every layer random</source>
            <translation>Rangkorrelation, jede Schicht zufällig</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/heatmap.py" />
            <source>Rank correlation, last layer random</source>
            <translation>Rangkorrelation, letzte Schicht zufällig</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/heatmap.py" />
            <source>Share of what moved the logit that is on the map</source>
            <translation>Anteil dessen, was den Logit bewegt hat, auf der Karte</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/heatmap.py" />
            <source>This model's heatmap hardly changes under random weights: do not trust it.</source>
            <translation>Die Heatmap dieses Modells ändert sich mit zufälligen Gewichten kaum: Ihr ist nicht zu trauen.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/out_of_distribution.py" />
            <source>A fitness gate looks at each image before the score is shown: a caution above {caution:g} and no score above {refuse:.2f} times the unlikeness that is usual among held-out patients.</source>
            <translation>Eine Eignungsprüfung sieht jedes Bild an, bevor der Score gezeigt wird: ein Hinweis über {caution:g} und kein Score über dem {refuse:.2f}-Fachen der Unähnlichkeit, die bei zurückgehaltenen Patienten üblich ist.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/out_of_distribution.py" />
            <source>Factor</source>
            <translation>Faktor</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/out_of_distribution.py" />
            <source>Layers and factor were chosen anew without each package, by children, adults and the other packages, and then tried on the package left out: {rule}.</source>
            <translation>Schichten und Faktor wurden ohne jedes Paket neu gewählt, nach Kindern, Erwachsenen und den übrigen Paketen, und dann am ausgelassenen Paket geprüft: {rule}.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/out_of_distribution.py" />
            <source>Layers chosen</source>
            <translation>Gewählte Schichten</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/out_of_distribution.py" />
            <source>One package left out</source>
            <translation>Ein Paket ausgelassen</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/out_of_distribution.py" />
            <source>Package left out</source>
            <translation>Ausgelassenes Paket</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/out_of_distribution.py" />
            <location filename="../../app/review/report/sources_page.py" />
            <source>Refused</source>
            <translation>Abgelehnt</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/out_of_distribution.py" />
            <source>Untested</source>
            <translation>Nicht geprüft</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/out_of_distribution.py" />
            <source>With a caution</source>
            <translation>Mit Hinweis</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/out_of_distribution.py" />
            <source>adults</source>
            <translation>Erwachsene</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/out_of_distribution.py" />
            <source>children</source>
            <translation>Kinder</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/out_of_distribution.py" />
            <source>greys cut off</source>
            <translation>abgeschnittene Grauwerte</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/out_of_distribution.py" />
            <source>no chest X-ray: {name}</source>
            <translation>keine Thoraxaufnahme: {name}</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/out_of_distribution.py" />
            <source>text over the lungs</source>
            <translation>Text über den Lungen</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/out_of_distribution.py" />
            <source>{layers} (no choice met the rule)</source>
            <translation>{layers} (keine Wahl erfüllte die Regel)</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/page.py" />
            <source>Bacterial or viral</source>
            <translation>Bakteriell oder viral</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/page.py" />
            <source>Data and split</source>
            <translation>Daten und Aufteilung</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/page.py" />
            <location filename="../../app/review/report/sources_page.py" />
            <source>Data, SHA-256</source>
            <translation>Daten, SHA-256</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/page.py" />
            <source>Do its probabilities hold?</source>
            <translation>Stimmen seine Wahrscheinlichkeiten?</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/page.py" />
            <source>Failure gallery</source>
            <translation>Sammlung der Fehler</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/page.py" />
            <source>Figures</source>
            <translation>Zahlen</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/page.py" />
            <source>How sure it is of itself</source>
            <translation>Wie sicher es sich ist</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/page.py" />
            <source>It gives a frontal chest X-ray a probability of {positive} (against {negative}), so that a person reads the likely ones first and reads each more attentively. The person decides.</source>
            <translation>Es gibt einer frontalen Thoraxaufnahme eine Wahrscheinlichkeit für {positive} (gegen {negative}), damit ein Mensch die wahrscheinlichen zuerst und jede aufmerksamer liest. Der Mensch entscheidet.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/page.py" />
            <source>Licence</source>
            <translation>Lizenz</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/page.py" />
            <source>Made for patients like those of its training: {low:g} to {high:g} years old.</source>
            <translation>Für Patienten wie die seines Trainings gemacht: {low:g} bis {high:g} Jahre alt.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/page.py" />
            <source>Model card</source>
            <translation>Modellkarte</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/page.py" />
            <source>Model card: {title}</source>
            <translation>Modellkarte: {title}</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/page.py" />
            <source>Network {arch}, input {input_size} × {input_size} grey; made {day}</source>
            <translation>Netz {arch}, Eingabe {input_size} × {input_size} grau; entstanden am {day}</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/page.py" />
            <source>On whom: slices</source>
            <translation>An wem: Teilmengen</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/page.py" />
            <source>Operating points</source>
            <translation>Arbeitspunkte</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/page.py" />
            <source>Other recorded runs</source>
            <translation>Weitere aufgezeichnete Läufe</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/page.py" />
            <source>Parameters</source>
            <translation>Parameter</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/page.py" />
            <source>Shortcuts</source>
            <translation>Abkürzungen</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/page.py" />
            <source>Split</source>
            <translation>Aufteilung</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/page.py" />
            <source>Targets</source>
            <translation>Ziele</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/page.py" />
            <source>The card names no limit.</source>
            <translation>Die Karte nennt keine Grenze.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/page.py" />
            <source>This model lacks: {parts}.</source>
            <translation>Diesem Modell fehlt: {parts}.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/page.py" />
            <location filename="../../app/review/report/sources_page.py" />
            <source>Weights, SHA-256</source>
            <translation>Gewichte, SHA-256</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/page.py" />
            <source>What it cannot do</source>
            <translation>Was es nicht kann</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/page.py" />
            <source>What it is for</source>
            <translation>Wozu es da ist</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/page.py" />
            <source>What it refuses to judge</source>
            <translation>Was es nicht beurteilt</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/page.py" />
            <source>What its heatmaps are worth</source>
            <translation>Was seine Heatmaps taugen</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/page.py" />
            <source>{maker}  ·  from the card of {title} and the recorded runs on it</source>
            <translation>{maker}  ·  aus der Karte von {title} und den aufgezeichneten Läufen dazu</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/targets.py" />
            <source>AUC in hard validation</source>
            <translation>AUC in der harten Validierung</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/targets.py" />
            <source>Adults, with the caution</source>
            <translation>Erwachsene, mit dem Hinweis</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/targets.py" />
            <source>Bacterial or viral: AUC</source>
            <translation>Bakteriell oder viral: AUC</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/targets.py" />
            <source>Bacterial or viral: accuracy</source>
            <translation>Bakteriell oder viral: Richtigkeit</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/targets.py" />
            <source>Calibration error in hard validation</source>
            <translation>Kalibrierungsfehler in der harten Validierung</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/targets.py" />
            <source>Calibration error on held-out patients</source>
            <translation>Kalibrierungsfehler an zurückgehaltenen Patienten</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/targets.py" />
            <source>Children's frontal chest X-rays, refused</source>
            <translation>Frontale Thoraxaufnahmen von Kindern, abgelehnt</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/targets.py" />
            <source>Measured</source>
            <translation>Gemessen</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/targets.py" />
            <source>NOT reached</source>
            <translation>NICHT erreicht</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/targets.py" />
            <source>Outcome</source>
            <translation>Ergebnis</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/targets.py" />
            <source>Pictures that are no chest X-ray, refused</source>
            <translation>Bilder, die keine Thoraxaufnahme sind, abgelehnt</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/targets.py" />
            <source>Specificity at 98 % sensitivity, hard validation</source>
            <translation>Spezifität bei 98 % Sensitivität, harte Validierung</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/targets.py" />
            <source>at least {value:g}</source>
            <translation>mindestens {value:g}</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/targets.py" />
            <source>at most {value:g}</source>
            <translation>höchstens {value:g}</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/targets.py" />
            <source>reached</source>
            <translation>erreicht</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/worker.py" />
            <source>The search was cancelled.</source>
            <translation>Die Suche wurde abgebrochen.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/model_page/worker.py" />
            <source>Try again with another folder.</source>
            <translation>Mit einem anderen Ordner noch einmal versuchen.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>* at the threshold {threshold:.6g}</source>
            <translation>* an der Schwelle {threshold:.6g}</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>A threshold for this site</source>
            <translation>Eine Schwelle für dieses Haus</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>Above both other lines, acting on the model does more good than treating all or none.</source>
            <translation>Über beiden anderen Linien nützt es mehr, dem Modell zu folgen, als alle oder niemanden zu behandeln.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>All figures</source>
            <translation>Alle Zahlen</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>Calls at the threshold {threshold:.3f}</source>
            <translation>Einstufungen an der Schwelle {threshold:.3f}</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>How the figures were made</source>
            <translation>Wie die Zahlen entstanden</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>Interval by</source>
            <translation>Intervall durch</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>Model's held-out patients</source>
            <translation>Zurückgehaltene Patienten des Modells</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>Names are left out; the letters below a picture begin its content hash, by which the audit bench finds it. Text burned into the pixels is not removed.</source>
            <translation>Namen sind weggelassen; die Zeichen unter einem Bild sind der Anfang seines Inhalts-Hashs, an dem der Prüfstand es findet. In die Pixel eingebrannter Text wird nicht entfernt.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>No pneumonia is missed at this threshold.</source>
            <translation>An dieser Schwelle wird keine Pneumonie übersehen.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>Of the missed pneumonias ({missed:,}) those to which the model gives the lowest probabilities ({count}), each beside its heatmap. All heatmaps share one scale, so that a pale one means little evidence.</source>
            <translation>Von den übersehenen Pneumonien ({missed:,}) die, denen das Modell die kleinsten Wahrscheinlichkeiten gibt ({count}), jede neben ihrer Heatmap. Alle Heatmaps haben einen Maßstab, eine blasse bedeutet also wenig Evidenz.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>On whom: slices, worst first</source>
            <translation>An wem: Teilmengen, die schlechteste zuerst</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>Pictures were left out.</source>
            <translation>Die Bilder wurden weggelassen.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>Points below the diagonal: the model says more than is found. Bars: 95 % intervals.</source>
            <translation>Punkte unter der Diagonalen: das Modell sagt mehr, als gefunden wird. Striche: 95-%-Intervalle.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>Rings: the thresholds that this site's images would choose (below).</source>
            <translation>Ringe: die Schwellen, die die Bilder dieses Hauses wählen würden (unten).</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>Site report</source>
            <translation>Prüfbericht</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>The band holds 95 % of the curves of resampled patients.</source>
            <translation>Das Band enthält 95 % der Kurven neu gezogener Patienten.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>The dashed line is the share of pneumonias: what calling everybody would give.</source>
            <translation>Die gestrichelte Linie ist der Anteil der Pneumonien: was die Einstufung aller ergäbe.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>There is no curve without a scored image.</source>
            <translation>Ohne ein Bild mit Score gibt es keine Kurve.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>What lies upwards left of the threshold is missed; downwards right, a false alarm.</source>
            <translation>Was oben links der Schwelle liegt, ist übersehen; unten rechts ein Fehlalarm.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>What was measured</source>
            <translation>Was gemessen wurde</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>Where the score is out of fold, the heatmap is nevertheless of the audited network, which was trained on that image.</source>
            <translation>Wo der Score out of fold ist, stammt die Heatmap dennoch vom geprüften Netz, das mit diesem Bild trainiert wurde.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>Worst misses</source>
            <translation>Die schlimmsten Fehler</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>called NORMAL</source>
            <translation>eingestuft NORMAL</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>called PNEUMONIA</source>
            <translation>eingestuft PNEUMONIA</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>held out: {value:.3f}</source>
            <translation>zurückgehalten: {value:.3f}</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>no image is labelled NORMAL</source>
            <translation>kein Bild hat das Label NORMAL</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>no image is labelled PNEUMONIA</source>
            <translation>kein Bild hat das Label PNEUMONIA</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <location filename="../../app/review/report/sources_page.py" />
            <source>no image was scored</source>
            <translation>kein Bild hat einen Score</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>pneumonia is always called</source>
            <translation>immer wird Pneumonie eingestuft</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>pneumonia is never called</source>
            <translation>nie wird Pneumonie eingestuft</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>undefined: {why}</source>
            <translation>nicht definiert: {why}</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>{count:,} false alarms</source>
            <translation>{count:,} Fehlalarme</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>{count:,} missed</source>
            <translation>{count:,} übersehen</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>{images}, {patients}, {share} labelled PNEUMONIA; {day}</source>
            <translation>{images}, {patients}, davon {share} mit dem Label PNEUMONIA; {day}</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>{low:.3f} to {high:.3f}</source>
            <translation>{low:.3f} bis {high:.3f}</translation>
        </message>
        <message>
            <location filename="../../app/review/report/pages.py" />
            <source>{model} on {folder}</source>
            <translation>{model} an {folder}</translation>
        </message>
        <message>
            <location filename="../../app/review/report/slices_page.py" />
            <source>Each slice at the threshold {threshold:.3f}, the lowest sensitivity first. Hollow marks and dashed intervals: fewer than ten patients; these stand last and are not tested. p compares a slice with all other images and is adjusted for all slices (Holm), so that one in twenty reports, not one in twenty slices, shows a difference by chance alone.</source>
            <translation>Jede Teilmenge an der Schwelle {threshold:.3f}, die kleinste Sensitivität zuerst. Hohle Zeichen und gestrichelte Intervalle: weniger als zehn Patienten; diese stehen zuletzt und werden nicht getestet. p vergleicht eine Teilmenge mit allen anderen Bildern und ist für alle Teilmengen angepasst (Holm), so dass einer von zwanzig Berichten, nicht eine von zwanzig Teilmengen, allein durch Zufall einen Unterschied zeigt.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/slices_page.py" />
            <source>Further slices in the JSON report: {more:,}.</source>
            <translation>Weitere Teilmengen im JSON-Bericht: {more:,}.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/slices_page.py" />
            <source>Nothing is known of the images by which they could be cut into slices. A CSV with more columns (view, sex, age, scanner) gives some.</source>
            <translation>Von den Bildern ist nichts bekannt, wonach sie sich in Teilmengen schneiden ließen. Eine CSV mit weiteren Spalten (Projektion, Geschlecht, Alter, Gerät) ergibt welche.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/slices_page.py" />
            <source>all images</source>
            <translation>alle Bilder</translation>
        </message>
        <message>
            <location filename="../../app/review/report/slices_page.py" />
            <source>p</source>
            <translation>p</translation>
        </message>
        <message>
            <location filename="../../app/review/report/slices_page.py" />
            <source>{value:.2f} ({low:.2f}–{high:.2f})</source>
            <translation>{value:.2f} ({low:.2f}–{high:.2f})</translation>
        </message>
        <message>
            <location filename="../../app/review/report/slices_page.py" />
            <source>° fewer than ten patients of each class</source>
            <translation>° weniger als zehn Patienten jeder Klasse</translation>
        </message>
        <message>
            <location filename="../../app/review/report/sources_page.py" />
            <source>A figure is only as good as its labels. Labels mined from reports or given by one reader are noisy, and noise pulls every figure towards chance.</source>
            <translation>Eine Zahl ist nur so gut wie ihre Labels. Labels, die aus Befunden gewonnen wurden oder von einem einzigen Leser stammen, sind verrauscht, und Rauschen zieht jede Zahl zum Zufall hin.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/sources_page.py" />
            <source>An interval without width, as at 0 or 1, is replaced by Wilson's over the number of patients: nothing wrong among few is no proof.</source>
            <translation>Ein Intervall ohne Breite, wie bei 0 oder 1, wird durch das von Wilson über die Zahl der Patienten ersetzt: Nichts falsch unter wenigen ist kein Beweis.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/sources_page.py" />
            <source>Images of an unknown patient</source>
            <translation>Bilder eines unbekannten Patienten</translation>
        </message>
        <message>
            <location filename="../../app/review/report/sources_page.py" />
            <source>Intervals are 95 %. Where patients are known, whole patients are resampled (1,000 times, percentiles), since up to dozens of images share one. Else each image counts as a patient: Wilson's interval for shares (JASA 1927), DeLong's for the AUC (Biometrics 1988).</source>
            <translation>Intervalle sind 95-%-Intervalle. Wo Patienten bekannt sind, werden ganze Patienten neu gezogen (1.000 Mal, Perzentile), da sich bis zu Dutzende Bilder einen teilen. Sonst zählt jedes Bild als ein Patient: Wilsons Intervall für Anteile (JASA 1927), DeLongs für die AUC (Biometrics 1988).</translation>
        </message>
        <message>
            <location filename="../../app/review/report/sources_page.py" />
            <source>Leak guard</source>
            <translation>Leckschutz</translation>
        </message>
        <message>
            <location filename="../../app/review/report/sources_page.py" />
            <source>None of these images is in a locked test set, so nobody counts how often figures on them were looked at.</source>
            <translation>Keines dieser Bilder liegt in einem gesperrten Testsatz; niemand zählt also, wie oft Zahlen dazu angesehen wurden.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/sources_page.py" />
            <source>Patients known</source>
            <translation>Bekannte Patienten</translation>
        </message>
        <message>
            <location filename="../../app/review/report/sources_page.py" />
            <source>Program</source>
            <translation>Programm</translation>
        </message>
        <message>
            <location filename="../../app/review/report/sources_page.py" />
            <source>Refused: the network may not judge these</source>
            <translation>Abgelehnt: diese darf das Netz nicht beurteilen</translation>
        </message>
        <message>
            <location filename="../../app/review/report/sources_page.py" />
            <source>Remarks</source>
            <translation>Anmerkungen</translation>
        </message>
        <message>
            <location filename="../../app/review/report/sources_page.py" />
            <source>Scored</source>
            <translation>Mit Score</translation>
        </message>
        <message>
            <location filename="../../app/review/report/sources_page.py" />
            <source>Sensitivity is the share of images labelled PNEUMONIA that are called so; specificity that of images labelled NORMAL that are let alone. Predictive values hold only at this share of pneumonias.</source>
            <translation>Sensitivität ist der Anteil der Bilder mit dem Label PNEUMONIA, die so eingestuft werden; Spezifität der Anteil derer mit dem Label NORMAL, die in Ruhe gelassen werden. Prädiktive Werte gelten nur bei diesem Anteil an Pneumonien.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/sources_page.py" />
            <source>Slices are tested with whole patients, adjusted by Holm (Scand J Stat 1979).</source>
            <translation>Teilmengen werden mit ganzen Patienten getestet, angepasst nach Holm (Scand J Stat 1979).</translation>
        </message>
        <message>
            <location filename="../../app/review/report/sources_page.py" />
            <source>The calibration error is over 15 bins of as many images each. The decision curve is that of Vickers and Elkin (Med Decis Making 2006).</source>
            <translation>Der Kalibrierungsfehler ist über 15 Klassen mit gleich vielen Bildern gerechnet. Die Entscheidungskurve ist die von Vickers und Elkin (Med Decis Making 2006).</translation>
        </message>
        <message>
            <location filename="../../app/review/report/sources_page.py" />
            <source>Unreadable</source>
            <translation>Unlesbar</translation>
        </message>
        <message>
            <location filename="../../app/review/report/sources_page.py" />
            <source>{ill:,} PNEUMONIA, {healthy:,} NORMAL ({share:.0%} pneumonia)</source>
            <translation>{ill:,} PNEUMONIA, {healthy:,} NORMAL ({share:.0%} Pneumonie)</translation>
        </message>
        <message>
            <location filename="../../app/review/report/text.py" />
            <source> (may be chance: p {p}, adjusted for all slices).</source>
            <translation> (vielleicht Zufall: p {p}, für alle Teilmengen angepasst).</translation>
        </message>
        <message>
            <location filename="../../app/review/report/text.py" />
            <source> (unlike the rest: p {p}, adjusted for all slices).</source>
            <translation> (anders als der Rest: p {p}, für alle Teilmengen angepasst).</translation>
        </message>
        <message>
            <location filename="../../app/review/report/text.py" />
            <source> and raises a false alarm on {alarms:,} of {healthy:,} normals.</source>
            <translation> und löst bei {alarms:,} von {healthy:,} Normalen einen Fehlalarm aus.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/text.py" />
            <source>; there is no image labelled NORMAL, so no false alarm can be counted.</source>
            <translation>; kein Bild hat das Label NORMAL, deshalb lässt sich kein Fehlalarm zählen.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/text.py" />
            <source>All scored images are of one class. The AUC and one of sensitivity and specificity are undefined, and nothing can be said of how well the model tells the classes apart.</source>
            <translation>Alle Bilder mit Score sind von einer Klasse. Die AUC und eine von Sensitivität und Spezifität sind nicht definiert, und es lässt sich nicht sagen, wie gut das Modell die Klassen trennt.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/text.py" />
            <source>At the threshold {threshold:.3f} the model misses {missed:,} of {ill:,} pneumonias</source>
            <translation>An der Schwelle {threshold:.3f} übersieht das Modell {missed:,} von {ill:,} Pneumonien</translation>
        </message>
        <message>
            <location filename="../../app/review/report/text.py" />
            <source>Lowest sensitivity of all slices: {column} {value}, {figure}</source>
            <translation>Kleinste Sensitivität aller Teilmengen: {column} {value}, {figure}</translation>
        </message>
        <message>
            <location filename="../../app/review/report/text.py" />
            <source>Lowest specificity of all slices: {column} {value}, {figure}</source>
            <translation>Kleinste Spezifität aller Teilmengen: {column} {value}, {figure}</translation>
        </message>
        <message>
            <location filename="../../app/review/report/text.py" />
            <source>No image could be scored, so there is no figure to report.</source>
            <translation>Kein Bild bekam einen Score, deshalb gibt es keine Zahl zu berichten.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/text.py" />
            <source>No threshold mends that.</source>
            <translation>Keine Schwelle behebt das.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/text.py" />
            <source>Not in the figures: {refused:,} refused, {unreadable:,} unreadable of {files:,} files. The reasons are under “What was measured”.</source>
            <translation>Nicht in den Zahlen: {refused:,} abgelehnt, {unreadable:,} unlesbar von {files:,} Dateien. Die Gründe stehen unter „Was gemessen wurde“.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/text.py" />
            <source>On its own held-out patients it was {figure}.</source>
            <translation>An seinen zurückgehaltenen Patienten war sie {figure}.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/text.py" />
            <source>On these images the model does not tell pneumonia from normal: its AUC is {figure}, and 0.5 is chance.</source>
            <translation>An diesen Bildern trennt das Modell Pneumonie nicht von normal: Seine AUC ist {figure}, und 0,5 ist Zufall.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/text.py" />
            <source>Scored images with a caution: {count:,} of {scored:,}; with this one, the most frequent: {times:,}. {reason}</source>
            <translation>Bilder mit Score, die einen Hinweis tragen: {count:,} von {scored:,}; mit diesem, dem häufigsten: {times:,}. {reason}</translation>
        </message>
        <message>
            <location filename="../../app/review/report/text.py" />
            <source>Sensitivity {here}; on the model's held-out patients {there}.</source>
            <translation>Sensitivität {here}; an den zurückgehaltenen Patienten des Modells {there}.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/text.py" />
            <source>Specificity {here}; on the model's held-out patients {there}.</source>
            <translation>Spezifität {here}; an den zurückgehaltenen Patienten des Modells {there}.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/text.py" />
            <source>The AUC here is higher than on the model's own held-out patients, {here} against {there}: these images are easier, or the model has seen them.</source>
            <translation>Die AUC ist hier höher als an den zurückgehaltenen Patienten des Modells, {here} gegen {there}: Diese Bilder sind leichter, oder das Modell hat sie gesehen.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/text.py" />
            <source>The AUC on these images is {figure}.</source>
            <translation>Die AUC an diesen Bildern ist {figure}.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/text.py" />
            <source>The model does worse here than on its own held-out patients: AUC {here} against {there}.</source>
            <translation>Das Modell ist hier schlechter als an seinen zurückgehaltenen Patienten: AUC {here} gegen {there}.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/text.py" />
            <source>There is no image labelled PNEUMONIA, so no miss can be counted</source>
            <translation>Kein Bild hat das Label PNEUMONIA, deshalb lässt sich kein Übersehen zählen</translation>
        </message>
        <message>
            <location filename="../../app/review/report/text.py" />
            <source>With so many images no difference to the model's own held-out patients is shown: AUC {here} against {there}.</source>
            <translation>Mit so vielen Bildern zeigt sich kein Unterschied zu den zurückgehaltenen Patienten des Modells: AUC {here} gegen {there}.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/worker.py" />
            <source>The report was cancelled.</source>
            <translation>Der Bericht wurde abgebrochen.</translation>
        </message>
        <message>
            <location filename="../../app/review/report/worker.py" />
            <source>Try again with another file or without pictures.</source>
            <translation>Mit einer anderen Datei oder ohne Bilder noch einmal versuchen.</translation>
        </message>
        <message>
            <location filename="../../app/review/statistics/paired.py" />
            <source>McNemar for clustered data (Durkalski 2003), chi-squared</source>
            <translation>McNemar für gruppierte Daten (Durkalski 2003), Chi-Quadrat</translation>
        </message>
        <message>
            <location filename="../../app/review/statistics/paired.py" />
            <source>McNemar for clustered data (Durkalski 2003), exact by patient, mid-p</source>
            <translation>McNemar für gruppierte Daten (Durkalski 2003), exakt nach Patienten, mid-p</translation>
        </message>
        <message>
            <location filename="../../app/review/statistics/paired.py" />
            <source>no image</source>
            <translation>kein Bild</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store.py" />
            <source>Its folder must be writable.</source>
            <translation>Der Ordner muss beschreibbar sein.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store.py" />
            <source>{path} cannot be moved aside: {reason}.</source>
            <translation>{path} kann nicht beiseite gelegt werden: {reason}.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>1 row of the database of verdicts {path} cannot be read ({where}).</source>
            <translation>1 Zeile der Urteilsdatenbank {path} ist nicht lesbar ({where}).</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>A database of verdicts was expected; it was left as it is.</source>
            <translation>Erwartet wurde eine Urteilsdatenbank; sie blieb, wie sie ist.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>A drive that works and has room was expected.</source>
            <translation>Erwartet wurde ein Laufwerk, das arbeitet und Platz hat.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>A file in a folder that exists and may be written was expected.</source>
            <translation>Erwartet wurde eine Datei in einem vorhandenen, beschreibbaren Ordner.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>All others count. What was said last of the images of these rows may be missing.</source>
            <translation>Alle anderen gelten. Was zuletzt zu den Bildern dieser Zeilen gesagt wurde, kann fehlen.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>Ask whoever keeps the file, or choose another place in the settings.</source>
            <translation>Fragen Sie, wer die Datei verwaltet, oder wählen Sie in den Einstellungen einen anderen Ort.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>Check the drive or the network, and give the verdict again.</source>
            <translation>Prüfen Sie das Laufwerk oder das Netzwerk, und geben Sie das Urteil noch einmal ab.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>Close Opacity there, and start this one again.</source>
            <translation>Schließen Sie Opacity dort, und starten Sie dieses neu.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>Free some room, and give the verdict again.</source>
            <translation>Schaffen Sie Platz, und geben Sie das Urteil noch einmal ab.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>Give the verdict again in a moment.</source>
            <translation>Geben Sie das Urteil gleich noch einmal ab.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>It was deleted, moved or replaced while Opacity was running.</source>
            <translation>Sie wurde gelöscht, verschoben oder ersetzt, während Opacity lief.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>Its format is {version}; this version knows up to {known}. It was left as it is.</source>
            <translation>Ihr Format ist {version}; diese Version kennt es bis {known}. Sie blieb, wie sie ist.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>Look at it, and give yours again if it is still what you think.</source>
            <translation>Sehen Sie es an, und geben Sie Ihres noch einmal ab, wenn Sie dabei bleiben.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>Make the folder writable, or choose another place in the settings.</source>
            <translation>Machen Sie den Ordner beschreibbar, oder wählen Sie in den Einstellungen einen anderen Ort.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>Move it aside and begin a new one, or put a copy from a backup in its place.</source>
            <translation>Legen Sie sie beiseite und beginnen Sie eine neue, oder setzen Sie eine Sicherungskopie an ihre Stelle.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>Nothing was saved: the newer verdict is shown now.</source>
            <translation>Nichts wurde gespeichert: das neuere Urteil wird jetzt gezeigt.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>Nothing was written to it, and nothing will be.</source>
            <translation>Nichts wurde hineingeschrieben, und nichts wird es werden.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>Over the network it needs another kind of journal, which can be chosen while nobody else has it open.</source>
            <translation>Über das Netz braucht sie eine andere Art Journal, die gewählt werden kann, solange niemand sonst sie geöffnet hat.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>Programs write one after the other and wait a few seconds for each other.</source>
            <translation>Programme schreiben nacheinander und warten einige Sekunden aufeinander.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>Put it back, or start Opacity again to begin a new one. The last verdict is not saved.</source>
            <translation>Legen Sie sie zurück, oder starten Sie Opacity neu, um eine neue zu beginnen. Das letzte Urteil ist nicht gespeichert.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>The database of verdicts {path} cannot be opened.</source>
            <translation>Die Urteilsdatenbank {path} kann nicht geöffnet werden.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>The database of verdicts {path} is damaged: {complaint}.</source>
            <translation>Die Urteilsdatenbank {path} ist beschädigt: {complaint}.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>The database of verdicts {path} is in use on the computer where it lies.</source>
            <translation>Die Urteilsdatenbank {path} wird auf dem Rechner benutzt, auf dem sie liegt.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>The database of verdicts {path} is no longer in its place.</source>
            <translation>Die Urteilsdatenbank {path} ist nicht mehr an ihrem Ort.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>The database of verdicts {path} was written by a newer version of Opacity.</source>
            <translation>Die Urteilsdatenbank {path} wurde von einer neueren Version von Opacity geschrieben.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>The database of verdicts, {path}, needs room to grow.</source>
            <translation>Die Urteilsdatenbank {path} braucht Platz zum Wachsen.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>The folder of the verdicts, {folder}, cannot be used: {why}.</source>
            <translation>Der Ordner der Urteile, {folder}, kann nicht verwendet werden: {why}.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>The verdict is not saved: another program holds {path}.</source>
            <translation>Das Urteil ist nicht gespeichert: ein anderes Programm hält {path}.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>The verdict is not saved: the disk is full.</source>
            <translation>Das Urteil ist nicht gespeichert: der Datenträger ist voll.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>The verdict is not saved: {path} cannot be read or written ({error}).</source>
            <translation>Das Urteil ist nicht gespeichert: {path} kann nicht gelesen oder geschrieben werden ({error}).</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>The verdict is not saved: {path} may not be written.</source>
            <translation>Das Urteil ist nicht gespeichert: {path} darf nicht beschrieben werden.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>Use the newer version, or choose another place for the verdicts in the settings.</source>
            <translation>Verwenden Sie die neuere Version, oder wählen Sie in den Einstellungen einen anderen Ort für die Urteile.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>Verdicts are kept in a file there.</source>
            <translation>Urteile liegen dort in einer Datei.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>Write permission on the file and its folder is needed.</source>
            <translation>Es braucht Schreibrecht für die Datei und ihren Ordner.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>You have given another verdict on this image meanwhile, in another program.</source>
            <translation>Sie haben inzwischen in einem anderen Programm ein anderes Urteil über dieses Bild abgegeben.</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>its text is damaged</source>
            <translation>der Text darin ist beschädigt</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>row {row}, column {column}</source>
            <translation>Zeile {row}, Spalte {column}</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>{count:,} rows of the database of verdicts {path} cannot be read ({where}).</source>
            <translation>{count:,} Zeilen der Urteilsdatenbank {path} sind nicht lesbar ({where}).</translation>
        </message>
        <message>
            <location filename="../../app/review/verdicts/store_errors.py" />
            <source>{path} is a database of another program.</source>
            <translation>{path} ist eine Datenbank eines anderen Programms.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/class_folders.py" />
            <source>A folder with one subfolder per class was expected.</source>
            <translation>Erwartet wurde ein Ordner mit je einem Unterordner für jede Klasse.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/class_folders.py" />
            <source>Beside the splits there are {names}: left out.</source>
            <translation>Neben den Teilen gibt es {names}: ausgelassen.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/class_folders.py" />
            <source>Beside the splits there is {names}: left out.</source>
            <translation>Neben den Teilen gibt es {names}: ausgelassen.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/class_folders.py" />
            <source>Check the path, or choose the folder again.</source>
            <translation>Prüfen Sie den Pfad, oder wählen Sie den Ordner noch einmal.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/class_folders.py" />
            <source>Check the permissions of the folder, or copy it to a place you may read.</source>
            <translation>Prüfen Sie die Rechte des Ordners, oder kopieren Sie ihn an einen Ort, den Sie lesen dürfen.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/class_folders.py" />
            <source>Choose the folder that holds the class folders.</source>
            <translation>Wählen Sie den Ordner, der die Klassenordner enthält.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/class_folders.py" />
            <source>One subfolder per class was expected, such as NORMAL and PNEUMONIA.</source>
            <translation>Erwartet wurde je ein Unterordner für jede Klasse, etwa NORMAL und PNEUMONIA.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/class_folders.py" />
            <location filename="../../app/training/data/layout.py" />
            <source>Sort the images into class folders, or choose a CSV with the columns path and label.</source>
            <translation>Ordnen Sie die Bilder in Klassenordner, oder wählen Sie eine CSV mit den Spalten path und label.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/class_folders.py" />
            <source>The folder {folder} cannot be listed: {reason}.</source>
            <translation>Der Ordner {folder} kann nicht aufgelistet werden: {reason}.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/class_folders.py" />
            <source>The folder {folder} does not exist.</source>
            <translation>Den Ordner {folder} gibt es nicht.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/class_folders.py" />
            <source>The folders {names} hold no class subfolders.</source>
            <translation>Die Ordner {names} enthalten keine Unterordner für Klassen.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/class_folders.py" />
            <source>The training images must be readable.</source>
            <translation>Die Trainingsbilder müssen lesbar sein.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/class_folders.py" />
            <source>{folder} is a file.</source>
            <translation>{folder} ist eine Datei.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/dataset.py" />
            <source>Add images of that class, or choose another folder.</source>
            <translation>Fügen Sie Bilder dieser Klasse hinzu, oder wählen Sie einen anderen Ordner.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/dataset.py" />
            <source>Each class needs at least {least}.</source>
            <translation>Jede Klasse braucht mindestens {least}.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/dataset.py" />
            <source>Each class needs at least {least}. Of {count} that were left out: {reason}</source>
            <translation>Jede Klasse braucht mindestens {least}. Von {count} ausgelassenen: {reason}</translation>
        </message>
        <message>
            <location filename="../../app/training/data/dataset.py" />
            <source>Readable images of the class {name}: {count}.</source>
            <translation>Lesbare Bilder der Klasse {name}: {count}.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/dataset.py" />
            <source>Reading the images was stopped.</source>
            <translation>Das Lesen der Bilder wurde angehalten.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/dataset.py" />
            <location filename="../../app/training/data/layout.py" />
            <source>Start again.</source>
            <translation>Starten Sie noch einmal.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/findings_text.py" />
            <source>All</source>
            <translation>Alle</translation>
        </message>
        <message>
            <location filename="../../app/training/data/findings_text.py" />
            <source>All of one size: {sizes}</source>
            <translation>Alle von einer Größe: {sizes}</translation>
        </message>
        <message>
            <location filename="../../app/training/data/findings_text.py" />
            <source>DIFFERENT CLASSES: {names}</source>
            <translation>VERSCHIEDENE KLASSEN: {names}</translation>
        </message>
        <message>
            <location filename="../../app/training/data/findings_text.py" />
            <source>Files that are refused</source>
            <translation>Dateien, die abgelehnt werden</translation>
        </message>
        <message>
            <location filename="../../app/training/data/findings_text.py" />
            <source>Files that cannot be read</source>
            <translation>Dateien, die nicht gelesen werden können</translation>
        </message>
        <message>
            <location filename="../../app/training/data/findings_text.py" />
            <source>Groups of exact copies</source>
            <translation>Gruppen genauer Kopien</translation>
        </message>
        <message>
            <location filename="../../app/training/data/findings_text.py" />
            <source>Groups of near copies</source>
            <translation>Gruppen beinahe gleicher Kopien</translation>
        </message>
        <message>
            <location filename="../../app/training/data/findings_text.py" />
            <source>Patients on both sides of the ready-made split</source>
            <translation>Patienten auf beiden Seiten der vorhandenen Aufteilung</translation>
        </message>
        <message>
            <location filename="../../app/training/data/findings_text.py" />
            <source>Width by height</source>
            <translation>Breite zu Höhe</translation>
        </message>
        <message>
            <location filename="../../app/training/data/findings_text.py" />
            <source>in {splits}: {names}</source>
            <translation>in {splits}: {names}</translation>
        </message>
        <message>
            <location filename="../../app/training/data/findings_text.py" />
            <source>{count:,} different sizes; most frequent: {sizes}</source>
            <translation>{count:,} verschiedene Größen; am häufigsten: {sizes}</translation>
        </message>
        <message>
            <location filename="../../app/training/data/inspection.py" />
            <location filename="../../app/training/data/summary.py" />
            <source>Add images of this class, or leave the class out.</source>
            <translation>Fügen Sie Bilder dieser Klasse hinzu, oder lassen Sie die Klasse aus.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/inspection.py" />
            <source>Each class needs at least {least} to train on.</source>
            <translation>Jede Klasse braucht zum Trainieren mindestens {least}.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/inspection.py" />
            <source>Looking at the images was stopped.</source>
            <translation>Das Ansehen der Bilder wurde angehalten.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/inspection.py" />
            <source>None of the images can be used (in all: {count:,}).</source>
            <translation>Keines der Bilder ist brauchbar (insgesamt: {count:,}).</translation>
        </message>
        <message>
            <location filename="../../app/training/data/inspection.py" />
            <source>Readable radiographs were expected: PNG, JPEG, TIFF or DICOM.</source>
            <translation>Erwartet wurden lesbare Röntgenaufnahmen: PNG, JPEG, TIFF oder DICOM.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/inspection.py" />
            <source>See the reasons beside the files, and choose other images.</source>
            <translation>Sehen Sie die Gründe neben den Dateien, und wählen Sie andere Bilder.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/inspection.py" />
            <source>The classes differ in the shape of their pictures: width by height is {low:.2f} in the middle of {narrow} and {high:.2f} in that of {wide}. A network can learn the cut of the picture in place of the lungs.</source>
            <translation>Die Klassen unterscheiden sich in der Form ihrer Bilder: Breite zu Höhe ist {low:.2f} in der Mitte von {narrow} und {high:.2f} in der von {wide}. Ein Netz kann den Zuschnitt des Bildes statt der Lungen lernen.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/inspection.py" />
            <source>The file</source>
            <translation>Die Datei</translation>
        </message>
        <message>
            <location filename="../../app/training/data/inspection.py" />
            <source>Usable images of the class {name}: {count}.</source>
            <translation>Brauchbare Bilder der Klasse {name}: {count}.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/label_table.py" />
            <source>A class name was expected in the column label.</source>
            <translation>Erwartet wurde ein Klassenname in der Spalte label.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/label_table.py" />
            <source>Correct the paths, or choose the folder that holds all the images.</source>
            <translation>Berichtigen Sie die Pfade, oder wählen Sie den Ordner, der alle Bilder enthält.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/label_table.py" />
            <source>Correct the paths, take these rows out, or choose the folder that they start from.</source>
            <translation>Berichtigen Sie die Pfade, nehmen Sie diese Zeilen heraus, oder wählen Sie den Ordner, bei dem sie anfangen.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/label_table.py" />
            <source>Correct these rows.</source>
            <translation>Berichtigen Sie diese Zeilen.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/label_table.py" />
            <source>Correct these rows; an image that is not to count is taken out of the table.</source>
            <translation>Berichtigen Sie diese Zeilen; ein Bild, das nicht zählen soll, wird aus der Tabelle genommen.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/label_table.py" />
            <source>Fill in the class, take these rows out, or map that label to nothing.</source>
            <translation>Tragen Sie die Klasse ein, nehmen Sie diese Zeilen heraus, oder ordnen Sie dieser Bezeichnung nichts zu.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/label_table.py" />
            <source>Keep the right one of the rows.</source>
            <translation>Behalten Sie die richtige der Zeilen.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/label_table.py" />
            <source>One patient a file was expected.</source>
            <translation>Erwartet wurde ein Patient je Datei.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/label_table.py" />
            <source>Paths below {folder} were expected.</source>
            <translation>Erwartet wurden Pfade unter {folder}.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/label_table.py" />
            <source>Paths relative to the data folder {folder} were expected.</source>
            <translation>Erwartet wurden Pfade relativ zum Datenordner {folder}.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/label_table.py" />
            <source>The column split may hold train, val or test, or nothing.</source>
            <translation>Die Spalte split darf train, val oder test enthalten, oder nichts.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/label_table.py" />
            <source>The column weight may hold a number from {least:g} to {most:g}, or nothing for 1.</source>
            <translation>Die Spalte weight darf eine Zahl von {least:g} bis {most:g} enthalten, oder nichts für 1.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/label_table.py" />
            <source>giving a file a second patient</source>
            <translation>mit einem zweiten Patienten für eine Datei</translation>
        </message>
        <message>
            <location filename="../../app/training/data/label_table.py" />
            <source>naming a file again, with another label, patient, split or weight</source>
            <translation>die eine Datei noch einmal nennen, mit anderem Label, Patienten, Split oder Gewicht</translation>
        </message>
        <message>
            <location filename="../../app/training/data/label_table.py" />
            <source>naming a file that is not there</source>
            <translation>mit einer Datei, die es nicht gibt</translation>
        </message>
        <message>
            <location filename="../../app/training/data/label_table.py" />
            <source>with a weight that is none</source>
            <translation>mit einem Gewicht, das keines ist</translation>
        </message>
        <message>
            <location filename="../../app/training/data/label_table.py" />
            <source>with an unknown split</source>
            <translation>mit einem unbekannten Teil</translation>
        </message>
        <message>
            <location filename="../../app/training/data/label_table.py" />
            <source>without a label, or with one that says it is not known</source>
            <translation>ohne Klasse, oder mit einer, die „unbekannt“ bedeutet</translation>
        </message>
        <message>
            <location filename="../../app/training/data/label_table.py" />
            <source>without a path, or with one outside the data folder</source>
            <translation>ohne Pfad, oder mit einem außerhalb des Datenordners</translation>
        </message>
        <message>
            <location filename="../../app/training/data/label_table.py" />
            <source>{table} has 1 row {which} (line {line}).</source>
            <translation>{table} hat 1 Zeile {which} (Zeile {line}).</translation>
        </message>
        <message>
            <location filename="../../app/training/data/label_table.py" />
            <source>{table} has {count:,} rows {which} (lines {lines}).</source>
            <translation>{table} hat {count:,} Zeilen {which} (Zeilen {lines}).</translation>
        </message>
        <message>
            <location filename="../../app/training/data/layout.py" />
            <source>At least two classes were expected, such as NORMAL and PNEUMONIA.</source>
            <translation>Erwartet wurden mindestens zwei Klassen, etwa NORMAL und PNEUMONIA.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/layout.py" />
            <source>Choose the folder above it, or add the images of another class.</source>
            <translation>Wählen Sie den Ordner darüber, oder fügen Sie die Bilder einer weiteren Klasse hinzu.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/layout.py" />
            <source>Correct the mapping.</source>
            <translation>Berichtigen Sie die Zuordnung.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/layout.py" />
            <source>Correct the paths, or choose another CSV.</source>
            <translation>Berichtigen Sie die Pfade, oder wählen Sie eine andere CSV.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/layout.py" />
            <source>Paths below the data folder were expected in its column path.</source>
            <translation>Erwartet wurden Pfade unter dem Datenordner in der Spalte path.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/layout.py" />
            <source>Reading the folder was stopped.</source>
            <translation>Das Lesen des Ordners wurde angehalten.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/layout.py" />
            <source>The class mapping names {names}, which the data do not have.</source>
            <translation>Die Klassenzuordnung nennt {names}, was die Daten nicht haben.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/layout.py" />
            <source>The classes of the data are {names}.</source>
            <translation>Die Klassen der Daten sind {names}.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/layout.py" />
            <source>The folder {folder} has no class subfolders.</source>
            <translation>Der Ordner {folder} hat keine Unterordner für Klassen.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/layout.py" />
            <source>The folder {folder} holds only one class, {name}.</source>
            <translation>Der Ordner {folder} enthält nur eine Klasse, {name}.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/layout.py" />
            <source>{patients} names none of the images of the folder.</source>
            <translation>{patients} nennt keines der Bilder des Ordners.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/summary.py" />
            <location filename="../../app/training/fit/loop.py" />
            <location filename="../../app/training/runs/run.py" />
            <source>Add images of more patients.</source>
            <translation>Fügen Sie Bilder weiterer Patienten hinzu.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/summary.py" />
            <source>At least {least} are needed to train, validate and calibrate.</source>
            <translation>Mindestens {least} sind nötig, um zu trainieren, zu validieren und zu kalibrieren.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/summary.py" />
            <source>Each patient is kept whole, and each side needs at least one of every class.</source>
            <translation>Jeder Patient bleibt ganz, und jede Seite braucht mindestens einen jeder Klasse.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/summary.py" />
            <source>Review needs the classes NORMAL and PNEUMONIA: a model of other classes can be trained, not chosen for review. A class mapping can rename or leave out classes.</source>
            <translation>Die Befundung braucht die Klassen NORMAL und PNEUMONIA: ein Modell anderer Klassen kann trainiert, aber nicht zur Befundung gewählt werden. Eine Klassenzuordnung kann Klassen umbenennen oder auslassen.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/summary.py" />
            <source>The class {name} holds {images} beside the {test:,} of the test split.</source>
            <translation>Die Klasse {name} enthält {images} neben den {test:,} des Testteils.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/summary.py" />
            <source>The class {name} holds {images}.</source>
            <translation>Die Klasse {name} enthält {images}.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/summary.py" />
            <source>The folder is already divided: {parts}.</source>
            <translation>Der Ordner ist schon aufgeteilt: {parts}.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/summary.py" />
            <source>in the file name</source>
            <translation>im Dateinamen</translation>
        </message>
        <message>
            <location filename="../../app/training/data/summary.py" />
            <source>test is never trained on: evaluate on it</source>
            <translation>mit test wird nie trainiert: werten Sie daran aus</translation>
        </message>
        <message>
            <location filename="../../app/training/data/summary.py" />
            <source>{splits} are pooled and divided anew by patient</source>
            <translation>{splits} werden zusammengelegt und nach Patienten neu aufgeteilt</translation>
        </message>
        <message>
            <location filename="../../app/training/data/summary.py" />
            <source>{split} is divided by patient</source>
            <translation>{split} wird nach Patienten aufgeteilt</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>1 file cannot be read: left out.</source>
            <translation>1 Datei kann nicht gelesen werden: ausgelassen.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>1 file is no chest radiograph that may be judged: left out.</source>
            <translation>1 Datei ist keine Thoraxaufnahme, die beurteilt werden darf: ausgelassen.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>1 folder below {folder} cannot be opened: left out. Check the permissions.</source>
            <translation>1 Ordner unter {folder} kann nicht geöffnet werden: ausgelassen. Prüfen Sie die Rechte.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>1 group of copies has images in different classes: a label must be wrong.</source>
            <translation>1 Gruppe von Kopien hat Bilder in verschiedenen Klassen: eine Zuordnung muss falsch sein.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>1 group of copies stands on both sides of the ready-made split</source>
            <translation>1 Gruppe von Kopien steht auf beiden Seiten der vorhandenen Aufteilung</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>1 group of near copies has different patients or none: training may put them on both sides of its own split. A CSV of patients can join them.</source>
            <translation>1 Gruppe beinahe gleicher Kopien hat verschiedene oder keine Patienten: das Training kann sie auf beide Seiten seiner eigenen Aufteilung legen. Eine CSV der Patienten kann sie verbinden.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>1 image carries no patient {where}</source>
            <translation>1 Bild nennt keinen Patienten {where}</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>1 image has a PatientID that names nobody, such as ANONYMOUS or 0</source>
            <translation>1 Bild hat eine PatientID, die niemanden benennt, wie ANONYMOUS oder 0</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>1 image has no patient in {table}: header or file name tell it there.</source>
            <translation>1 Bild hat keinen Patienten in {table}: dort sagen ihn Header oder Dateiname.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>1 patient stands on both sides of the ready-made split</source>
            <translation>1 Patient steht auf beiden Seiten der vorhandenen Aufteilung</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>The 1 patient of the class {name} leaves nobody for {sides}.</source>
            <translation>Der 1 Patient der Klasse {name} lässt niemanden für {sides} übrig.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>The class {name} holds no image: left out.</source>
            <translation>Die Klasse {name} enthält kein Bild: ausgelassen.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>The classes {names} hold no image: left out.</source>
            <translation>Die Klassen {names} enthalten kein Bild: ausgelassen.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>The {count:,} patients of the class {name} leave nobody for {sides}.</source>
            <translation>Die {count:,} Patienten der Klasse {name} lassen niemanden für {sides} übrig.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>calibration</source>
            <translation>Kalibrierung</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>in a CSV, a header or the file name</source>
            <translation>in einer CSV, einem Header oder dem Dateinamen</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>train</source>
            <translation>Training</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>{count:,} files are no chest radiograph that may be judged: left out.</source>
            <translation>{count:,} Dateien sind keine Thoraxaufnahmen, die beurteilt werden dürfen: ausgelassen.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>{count:,} files cannot be read: left out.</source>
            <translation>{count:,} Dateien können nicht gelesen werden: ausgelassen.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>{count:,} folders below {folder} cannot be opened: left out. Check the permissions.</source>
            <translation>{count:,} Ordner unter {folder} können nicht geöffnet werden: ausgelassen. Prüfen Sie die Rechte.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>{count:,} groups of copies have images in different classes: a label must be wrong.</source>
            <translation>{count:,} Gruppen von Kopien haben Bilder in verschiedenen Klassen: eine Zuordnung muss falsch sein.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>{count:,} groups of copies stand on both sides of the ready-made split</source>
            <translation>{count:,} Gruppen von Kopien stehen auf beiden Seiten der vorhandenen Aufteilung</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>{count:,} groups of near copies have different patients or none: training may put them on both sides of its own split. A CSV of patients can join them.</source>
            <translation>{count:,} Gruppen beinahe gleicher Kopien haben verschiedene oder keine Patienten: das Training kann sie auf beide Seiten seiner eigenen Aufteilung legen. Eine CSV der Patienten kann sie verbinden.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>{count:,} images carry no patient {where}</source>
            <translation>{count:,} Bilder nennen keinen Patienten {where}</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>{count:,} images have a PatientID that names nobody, such as ANONYMOUS or 0</source>
            <translation>{count:,} Bilder haben eine PatientID, die niemanden benennt, wie ANONYMOUS oder 0</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>{count:,} images have no patient in {table}: header or file name tell it there.</source>
            <translation>{count:,} Bilder haben keinen Patienten in {table}: dort sagen ihn Header oder Dateiname.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>{count:,} patients stand on both sides of the ready-made split</source>
            <translation>{count:,} Patienten stehen auf beiden Seiten der vorhandenen Aufteilung</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>{count} more</source>
            <translation>{count} weitere</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>{table} repeats 1 row: counted once.</source>
            <translation>{table} wiederholt 1 Zeile: einmal gezählt.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>{table} repeats {count:,} rows: counted once.</source>
            <translation>{table} wiederholt {count:,} Zeilen: einmal gezählt.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>{told}: it is not taken for a patient.</source>
            <translation>{told}: Sie gilt nicht als Patient.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>{told}: two images of one person may fall on both sides of the split, and the figures then come out too good.</source>
            <translation>{told}: zwei Bilder einer Person können auf beide Seiten der Aufteilung fallen, und die Zahlen werden dann zu gut.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>{where}, in test: figures on the test images will flatter.</source>
            <translation>{where}, in test: Zahlen an den Testbildern werden geschönt sein.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>{where}, {count:,} of them in test: figures on the test images will flatter.</source>
            <translation>{where}, davon {count:,} in test: Zahlen an den Testbildern werden geschönt sein.</translation>
        </message>
        <message>
            <location filename="../../app/training/data/text.py" />
            <source>{where}: training divides anew, each patient whole.</source>
            <translation>{where}: das Training teilt neu auf, jeden Patienten als Ganzes.</translation>
        </message>
        <message>
            <location filename="../../app/training/fit/checkpoint.py" />
            <source>It holds the network as it was after the last epoch.</source>
            <translation>Er hält das Netz, wie es nach der letzten Epoche war.</translation>
        </message>
        <message>
            <location filename="../../app/training/fit/checkpoint.py" />
            <source>It was expected to be of the same settings.</source>
            <translation>Erwartet wurden dieselben Einstellungen.</translation>
        </message>
        <message>
            <location filename="../../app/training/fit/checkpoint.py" />
            <location filename="../../app/training/runs/run.py" />
            <location filename="../../app/training/runs/runs.py" />
            <source>Start a new run.</source>
            <translation>Starten Sie einen neuen Lauf.</translation>
        </message>
        <message>
            <location filename="../../app/training/fit/checkpoint.py" />
            <source>Start a new run; this one's folder can be deleted.</source>
            <translation>Starten Sie einen neuen Lauf; der Ordner von diesem kann gelöscht werden.</translation>
        </message>
        <message>
            <location filename="../../app/training/fit/checkpoint.py" />
            <source>The checkpoint does not fit the network.</source>
            <translation>Der Sicherungsstand passt nicht zum Netz.</translation>
        </message>
        <message>
            <location filename="../../app/training/fit/checkpoint.py" />
            <source>The checkpoint of the run {run} cannot be read: {why}.</source>
            <translation>Der Sicherungsstand des Laufs {run} kann nicht gelesen werden: {why}.</translation>
        </message>
        <message>
            <location filename="../../app/training/fit/loop.py" />
            <source>A finite answer to each image was expected.</source>
            <translation>Erwartet wurde eine endliche Antwort zu jedem Bild.</translation>
        </message>
        <message>
            <location filename="../../app/training/fit/loop.py" />
            <source>Images of enough patients were expected: the split keeps each patient whole.</source>
            <translation>Erwartet wurden Bilder von genug Patienten: die Aufteilung lässt jeden Patienten ganz.</translation>
        </message>
        <message>
            <location filename="../../app/training/fit/loop.py" />
            <source>It must stay a finite number.</source>
            <translation>Er muss eine endliche Zahl bleiben.</translation>
        </message>
        <message>
            <location filename="../../app/training/fit/loop.py" />
            <source>Out of memory: starting again with fewer images a batch: {count}.</source>
            <translation>Zu wenig Speicher: Neubeginn mit weniger Bildern je Batch: {count}.</translation>
        </message>
        <message>
            <location filename="../../app/training/fit/loop.py" />
            <source>Start again with a lower learning rate.</source>
            <translation>Starten Sie noch einmal mit einer kleineren Lernrate.</translation>
        </message>
        <message>
            <location filename="../../app/training/fit/loop.py" />
            <source>The loss became {loss} in epoch {epoch}.</source>
            <translation>Der Verlust wurde {loss} in Epoche {epoch}.</translation>
        </message>
        <message>
            <location filename="../../app/training/fit/loop.py" />
            <source>The network's answers stopped being numbers in epoch {epoch}.</source>
            <translation>Die Antworten des Netzes waren in Epoche {epoch} keine Zahlen mehr.</translation>
        </message>
        <message>
            <location filename="../../app/training/fit/loop.py" />
            <source>The patients that fall to {side} do not hold images of every class.</source>
            <translation>Die Patienten, die auf {side} entfallen, haben nicht Bilder jeder Klasse.</translation>
        </message>
        <message>
            <location filename="../../app/training/fit/network.py" />
            <source>A model of the architecture {arch} was expected.</source>
            <translation>Erwartet wurde ein Modell der Architektur {arch}.</translation>
        </message>
        <message>
            <location filename="../../app/training/fit/network.py" />
            <source>Choose that architecture, or another model to start from.</source>
            <translation>Wählen Sie diese Architektur, oder ein anderes Modell zum Anfangen.</translation>
        </message>
        <message>
            <location filename="../../app/training/fit/network.py" />
            <source>Choose the settings that the model was trained with, or another start.</source>
            <translation>Wählen Sie die Einstellungen, mit denen das Modell trainiert wurde, oder einen anderen Anfang.</translation>
        </message>
        <message>
            <location filename="../../app/training/fit/network.py" />
            <source>The same image size and number of nodes were expected.</source>
            <translation>Erwartet wurden dieselbe Bildgröße und dieselbe Zahl von Knoten.</translation>
        </message>
        <message>
            <location filename="../../app/training/fit/network.py" />
            <source>The training cannot start from {card}: it is of the architecture {arch}.</source>
            <translation>Das Training kann nicht von {card} ausgehen: es hat die Architektur {arch}.</translation>
        </message>
        <message>
            <location filename="../../app/training/fit/network.py" />
            <source>The training cannot start from {card}: its layer {layer} has another shape.</source>
            <translation>Das Training kann nicht von {card} ausgehen: seine Schicht {layer} hat eine andere Form.</translation>
        </message>
        <message>
            <location filename="../../app/training/result/bundle.py" />
            <source>A folder with room for about 10 MB was expected.</source>
            <translation>Erwartet wurde ein Ordner mit Platz für etwa 10 MB.</translation>
        </message>
        <message>
            <location filename="../../app/training/result/bundle.py" />
            <source>Free disk space or permissions; the run folder still holds the best weights.</source>
            <translation>Schaffen Sie Platz oder Rechte; der Ordner des Laufs hält die besten Gewichte noch.</translation>
        </message>
        <message>
            <location filename="../../app/training/result/bundle.py" />
            <source>The model {card} could not be saved in {parent}: {reason}.</source>
            <translation>Das Modell {card} konnte nicht in {parent} gespeichert werden: {reason}.</translation>
        </message>
        <message>
            <location filename="../../app/training/result/bundle.py" />
            <source>a model of that name is already there</source>
            <translation>ein Modell dieses Namens gibt es schon</translation>
        </message>
        <message>
            <location filename="../../app/training/result/card.py" />
            <source>For research and triage support. Not a medical device.</source>
            <translation>Für Forschung und als Hilfe bei der Triage. Kein Medizinprodukt.</translation>
        </message>
        <message>
            <location filename="../../app/training/result/card.py" />
            <source>In that collection normal and pneumonia images also differ in size, cut and compression; augmentation works against that and cannot undo all of it.</source>
            <translation>In dieser Sammlung unterscheiden sich Bilder mit und ohne Pneumonie auch in Größe, Zuschnitt und Kompression; die Augmentierung wirkt dem entgegen und kann nicht alles davon aufheben.</translation>
        </message>
        <message>
            <location filename="../../app/training/result/card.py" />
            <source>It tells the classes it was trained on apart. It knows no other disease and excludes none.</source>
            <translation>Es unterscheidet die Klassen, mit denen es trainiert wurde. Es kennt keine andere Krankheit und schließt keine aus.</translation>
        </message>
        <message>
            <location filename="../../app/training/result/card.py" />
            <source>Measured only on images like those it was trained on; on other ages, views, machines and hospitals it is not measured, and expected to be worse.</source>
            <translation>Nur an Bildern gemessen, die denen des Trainings gleichen; bei anderen Altern, Projektionen, Geräten und Häusern ist es nicht gemessen, und schlechter zu erwarten.</translation>
        </message>
        <message>
            <location filename="../../app/training/result/card.py" />
            <source>Trained on frontal (AP) chest X-rays of children from one to five years, from one hospital.</source>
            <translation>Trainiert mit frontalen (AP) Thoraxaufnahmen von Kindern von einem bis fünf Jahren, aus einem Krankenhaus.</translation>
        </message>
        <message>
            <location filename="../../app/training/result/card.py" />
            <source>by patient (SHA-256 of the patient in ten buckets): two held out for calibration, one for early stopping, seven for training</source>
            <translation>nach Patienten (SHA-256 des Patienten in zehn Fächern): zwei zur Kalibrierung zurückgehalten, eines für das frühe Anhalten, sieben zum Training</translation>
        </message>
        <message>
            <location filename="../../app/training/result/card.py" />
            <source>these weights on the calibration patients</source>
            <translation>diese Gewichte an den Patienten der Kalibrierung</translation>
        </message>
        <message>
            <location filename="../../app/training/result/heads.py" />
            <source>bacterial (positive) against viral, among pneumonias; cross-fitted</source>
            <translation>bakteriell (positiv) gegen viral, unter Pneumonien; über Kreuz angepasst</translation>
        </message>
        <message>
            <location filename="../../app/training/result/heads.py" />
            <source>the spread that one network says, against the standard deviation of the logits of the networks that taught it, on patients whom none of them saw</source>
            <translation>die Streuung, die ein Netz nennt, gegen die Standardabweichung der Logits der Netze, die es lehrten, an Patienten, die keines gesehen hat</translation>
        </message>
        <message>
            <location filename="../../app/training/result/judgement.py" />
            <source>these weights on the calibration patients, on whom the threshold was set</source>
            <translation>diese Gewichte an den Patienten der Kalibrierung, an denen die Schwelle gesetzt wurde</translation>
        </message>
        <message>
            <location filename="../../app/training/result/lineage.py" />
            <source>Choose another fold, another model to start from, or add images of new patients.</source>
            <translation>Wählen Sie eine andere Faltung, ein anderes Modell zum Anfangen, oder fügen Sie Bilder neuer Patienten hinzu.</translation>
        </message>
        <message>
            <location filename="../../app/training/result/lineage.py" />
            <source>Held-out patients of every class whom neither has seen were expected.</source>
            <translation>Erwartet wurden zurückgehaltene Patienten jeder Klasse, die keines von beiden gesehen hat.</translation>
        </message>
        <message>
            <location filename="../../app/training/result/lineage.py" />
            <source>{model}, from which the training is to start, was trained on the patients that are held out here ({left_out} of {images} images).</source>
            <translation>{model}, von dem das Training ausgehen soll, wurde mit den Patienten trainiert, die hier zurückgehalten sind ({left_out} von {images} Bildern).</translation>
        </message>
        <message>
            <location filename="../../app/training/runs/run.py" />
            <source>Going on after epoch {epoch}.</source>
            <translation>Weiter nach Epoche {epoch}.</translation>
        </message>
        <message>
            <location filename="../../app/training/runs/run.py" />
            <source>Images of enough patients were expected: a fifth of them is held out.</source>
            <translation>Erwartet wurden Bilder von genug Patienten: ein Fünftel davon wird zurückgehalten.</translation>
        </message>
        <message>
            <location filename="../../app/training/runs/run.py" />
            <source>The images, their labels or their patients have changed since this run was cut off.</source>
            <translation>Die Bilder, ihre Klassen oder ihre Patienten haben sich geändert, seit dieser Lauf abriss.</translation>
        </message>
        <message>
            <location filename="../../app/training/runs/run.py" />
            <source>The list of flipped images could not be written: {reason}.</source>
            <translation>Die Liste der anders beurteilten Bilder konnte nicht geschrieben werden: {reason}.</translation>
        </message>
        <message>
            <location filename="../../app/training/runs/run.py" />
            <source>The patients held out for calibration do not hold images of every class.</source>
            <translation>Die zur Kalibrierung zurückgehaltenen Patienten haben nicht Bilder jeder Klasse.</translation>
        </message>
        <message>
            <location filename="../../app/training/runs/run.py" />
            <source>The same data were expected.</source>
            <translation>Erwartet wurden dieselben Daten.</translation>
        </message>
        <message>
            <location filename="../../app/training/runs/run.py" />
            <source>This epoch could not be saved: {reason}. The last one that was saved stays.</source>
            <translation>Diese Epoche konnte nicht gesichert werden: {reason}. Die zuletzt gesicherte bleibt.</translation>
        </message>
        <message>
            <location filename="../../app/training/runs/run_lock.py" />
            <source>A run goes on in one process at a time.</source>
            <translation>Ein Lauf geht immer nur in einem Prozess weiter.</translation>
        </message>
        <message>
            <location filename="../../app/training/runs/run_lock.py" />
            <source>The run {folder} is under way in another process.</source>
            <translation>Der Lauf {folder} ist in einem anderen Prozess im Gange.</translation>
        </message>
        <message>
            <location filename="../../app/training/runs/run_lock.py" />
            <source>Wait until it has ended, or stop it there.</source>
            <translation>Warten Sie, bis er endet, oder halten Sie ihn dort an.</translation>
        </message>
        <message>
            <location filename="../../app/training/runs/runs.py" />
            <source>A run that was cut off after its first epoch was expected.</source>
            <translation>Erwartet wurde ein Lauf, der nach seiner ersten Epoche abriss.</translation>
        </message>
        <message>
            <location filename="../../app/training/runs/runs.py" />
            <source>A run that was cut off was expected.</source>
            <translation>Erwartet wurde ein abgerissener Lauf.</translation>
        </message>
        <message>
            <location filename="../../app/training/runs/runs.py" />
            <source>Each run folder holds a valid {file}.</source>
            <translation>Jeder Ordner eines Laufs enthält eine gültige {file}.</translation>
        </message>
        <message>
            <location filename="../../app/training/runs/runs.py" />
            <location filename="../../app/training/sweep/folders.py" />
            <source>Free some space, or set OPACITY_HOME to a folder you may write to.</source>
            <translation>Schaffen Sie Platz, oder setzen Sie OPACITY_HOME auf einen Ordner, in den Sie schreiben dürfen.</translation>
        </message>
        <message>
            <location filename="../../app/training/runs/runs.py" />
            <source>Opacity keeps each run's settings and figures on disk.</source>
            <translation>Opacity hält Einstellungen und Zahlen jedes Laufs auf der Platte.</translation>
        </message>
        <message>
            <location filename="../../app/training/runs/runs.py" />
            <source>The folder can be deleted.</source>
            <translation>Der Ordner kann gelöscht werden.</translation>
        </message>
        <message>
            <location filename="../../app/training/runs/runs.py" />
            <source>The folder of the training run cannot be written: {reason}.</source>
            <translation>Der Ordner des Trainingslaufs kann nicht geschrieben werden: {reason}.</translation>
        </message>
        <message>
            <location filename="../../app/training/runs/runs.py" />
            <source>The run {folder} is under way.</source>
            <translation>Der Lauf {folder} ist im Gange.</translation>
        </message>
        <message>
            <location filename="../../app/training/runs/runs.py" />
            <source>The run {run} cannot go on: it holds no epoch that was kept whole.</source>
            <translation>Der Lauf {run} kann nicht weitergehen: er hat keine ganz gesicherte Epoche.</translation>
        </message>
        <message>
            <location filename="../../app/training/runs/runs.py" />
            <source>The run {run} cannot go on: it is finished.</source>
            <translation>Der Lauf {run} kann nicht weitergehen: er ist beendet.</translation>
        </message>
        <message>
            <location filename="../../app/training/runs/runs.py" />
            <source>The run {run} cannot go on: it is stopped.</source>
            <translation>Der Lauf {run} kann nicht weitergehen: er ist angehalten.</translation>
        </message>
        <message>
            <location filename="../../app/training/runs/runs.py" />
            <source>The settings of this run cannot be read: {error}.</source>
            <translation>Die Einstellungen dieses Laufs können nicht gelesen werden: {error}.</translation>
        </message>
        <message>
            <location filename="../../app/training/runs/runs.py" />
            <source>Wait until it has ended.</source>
            <translation>Warten Sie, bis er endet.</translation>
        </message>
        <message>
            <location filename="../../app/training/runs/worker.py" />
            <source>The events could not be kept on disk: {reason}.</source>
            <translation>Die Ereignisse konnten nicht auf der Platte gehalten werden: {reason}.</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/coordinator.py" />
            <source>A worker is replaced: {why}</source>
            <translation>Ein Arbeiter wird ersetzt: {why}</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/coordinator.py" />
            <source>A worker tries one setting after the other.</source>
            <translation>Ein Arbeiter probiert eine Einstellung nach der anderen.</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/coordinator.py" />
            <source>Free some space and start the sweep again: it goes on where it stopped.</source>
            <translation>Schaffen Sie Platz und starten Sie den Sweep noch einmal: er geht dort weiter, wo er anhielt.</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/coordinator.py" />
            <source>The disk must have room for it.</source>
            <translation>Die Platte muss Platz dafür haben.</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/coordinator.py" />
            <source>The ledger of the sweep cannot be written: {reason}.</source>
            <translation>Die Versuchsliste des Sweeps kann nicht geschrieben werden: {reason}.</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/coordinator.py" />
            <source>The sweep's workers keep dying (the last one: {how}).</source>
            <translation>Die Arbeiter des Sweeps sterben immer wieder (der letzte: {how}).</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/coordinator.py" />
            <source>exit code {code}</source>
            <translation>Exit-Code {code}</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/coordinator.py" />
            <source>it ended with {how}</source>
            <translation>er endete mit {how}</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/coordinator.py" />
            <source>signal {code}</source>
            <translation>Signal {code}</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/coordinator.py" />
            <source>{log} in the sweep's folder may tell why; fewer workers need less memory. What is done is kept.</source>
            <translation>{log} im Ordner des Sweeps sagt vielleicht, warum; weniger Arbeiter brauchen weniger Speicher. Was fertig ist, bleibt.</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/folders.py" />
            <source>Opacity keeps each sweep's settings and results on disk.</source>
            <translation>Opacity hält Einstellungen und Ergebnisse jedes Sweeps auf der Platte.</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/folders.py" />
            <source>The folder of the sweep cannot be written: {reason}.</source>
            <translation>Der Ordner des Sweeps kann nicht geschrieben werden: {reason}.</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/space.py" />
            <source>Choose the sampler tpe.</source>
            <translation>Wählen Sie den Sampler tpe.</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/space.py" />
            <source>Its settings are drawn: the sampler tpe with a number of trials was expected.</source>
            <translation>Ihre Einstellungen werden gezogen: erwartet wurde der Sampler tpe mit einer Zahl von Versuchen.</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/space.py" />
            <source>The architecture {arch} has no grid.</source>
            <translation>Die Architektur {arch} hat kein Gitter.</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/study.py" />
            <source>A database that can be reached and written to was expected, such as postgresql://user:password@host/database, or none for a file of the sweep's own.</source>
            <translation>Erwartet wurde eine erreichbare, beschreibbare Datenbank, etwa postgresql://user:password@host/database, oder keine für eine Datei des Sweeps selbst.</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/study.py" />
            <source>All trials of a study must be comparable.</source>
            <translation>Alle Versuche eines Sweeps müssen vergleichbar sein.</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/study.py" />
            <source>Check the address, the server and your rights there; what was done is kept.</source>
            <translation>Prüfen Sie die Adresse, den Server und Ihre Rechte dort; was fertig ist, bleibt.</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/study.py" />
            <source>Choose another name for the study, or what it was begun with.</source>
            <translation>Wählen Sie einen anderen Namen für den Sweep, oder das, womit er begonnen wurde.</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/study.py" />
            <source>Install its driver (for PostgreSQL: pip install 'opacity[postgresql]').</source>
            <translation>Installieren Sie ihren Treiber (für PostgreSQL: pip install 'opacity[postgresql]').</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/study.py" />
            <source>The storage {url} cannot be used: {reason}</source>
            <translation>Die Ablage {url} kann nicht verwendet werden: {reason}</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/study.py" />
            <source>The study {study} was begun with other {names}.</source>
            <translation>Der Sweep {study} wurde mit anderem begonnen: {names}.</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/study.py" />
            <source>images or patients</source>
            <translation>Bilder oder Patienten</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/study.py" />
            <source>the storage</source>
            <translation>der Sweeps</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/trial.py" />
            <source>A setting is measured as it is, or not at all.</source>
            <translation>Eine Einstellung wird gemessen, wie sie ist, oder gar nicht.</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/trial.py" />
            <source>Fewer workers leave more memory to each.</source>
            <translation>Weniger Arbeiter lassen jedem mehr Speicher.</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/trial.py" />
            <source>Out of memory with so many images a batch: {count}.</source>
            <translation>Zu wenig Speicher für so viele Bilder je Batch: {count}.</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/winner.py" />
            <source>A sweep chooses among complete trials.</source>
            <translation>Ein Sweep wählt unter vollständigen Versuchen.</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/winner.py" />
            <source>Go on with the sweep first.</source>
            <translation>Machen Sie zuerst mit dem Sweep weiter.</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/winner.py" />
            <source>No trial of {study} is complete.</source>
            <translation>Kein Versuch von {study} ist vollständig.</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/worker.py" />
            <source>It failed with {kind}.</source>
            <translation>Gescheitert mit {kind}.</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/worker.py" />
            <source>Its process died {count} times.</source>
            <translation>Sein Prozess starb {count}-mal.</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/worker.py" />
            <source>Out of memory, even with one image at a time.</source>
            <translation>Zu wenig Speicher, selbst mit einem Bild auf einmal.</translation>
        </message>
        <message>
            <location filename="../../app/training/sweep/worker.py" />
            <source>Worse than the others after epoch {epoch}.</source>
            <translation>Schlechter als die anderen nach Epoche {epoch}.</translation>
        </message>
    </context>
</TS>
