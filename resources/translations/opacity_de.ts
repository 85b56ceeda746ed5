<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE" sourcelanguage="en">
    <context>
        <name>Opacity</name>
        <message>
            <location filename="../../app/core/measure.py" />
            <source>AP view: the heart looks larger</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/core/measure.py" />
            <source>Infant: up to 0.60 may be normal</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/core/measure.py" />
            <source>Lateral view: the ratio means nothing</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/core/measure.py" />
            <source>Not upright: the heart looks larger</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/core/measure.py" />
            <source>Unknown age: in a young child more than 0.50 may be normal</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/core/measure.py" />
            <source>Unknown projection: on an AP view the heart looks larger</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/core/measure.py" />
            <source>Young child: more than 0.50 may be normal</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/core/measure.py" />
            <source>at detector</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/core/measure.py" />
            <source>calibration unknown</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/core/measure.py" />
            <source>estimated</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/core/measure.py" />
            <source>mm</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/core/measure.py" />
            <source>mm at detector</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/core/measure.py" />
            <source>mm, calibration unknown</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/core/measure.py" />
            <source>mm, estimated</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/core/measure.py" />
            <location filename="../../app/gui/widgets/view_tools/mark_painting.py" />
            <source>px</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/core/measure.py" />
            <source>{size} cm</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/core/measure.py" />
            <source>{size} mm</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/core/measure.py" />
            <source>{size} px</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/actions.py" />
            <source>&amp;File</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/actions.py" />
            <source>&amp;Help</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/actions.py" />
            <source>&amp;Image</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/actions.py" />
            <source>&amp;Measure</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/actions.py" />
            <source>&amp;Reading</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/actions.py" />
            <source>&amp;Tools</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/actions.py" />
            <source>&amp;View</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/arrivals_desk.py" />
            <source>Check the disk and the permissions.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/arrivals_desk.py" />
            <source>Check the drive or the network; Opacity goes on looking for it.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/arrivals_desk.py" />
            <source>Click to open the inbox.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/arrivals_desk.py" />
            <source>Listening on {address}, port {port}, as {title}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/arrivals_desk.py" />
            <source>Not listening.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/arrivals_desk.py" />
            <source>One new image is in the inbox (File, Open inbox).</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/arrivals_desk.py" />
            <source>Opacity's own folder cannot be written: {reason}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/arrivals_desk.py" />
            <source>Settings and received images are kept there.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/arrivals_desk.py" />
            <source>Starting to listen…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/arrivals_desk.py" />
            <source>Stopping…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/arrivals_desk.py" />
            <source>The folder can be reached again.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/arrivals_desk.py" />
            <source>The list stays as it is; nothing of what you did is lost.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/arrivals_desk.py" />
            <source>Turned away: {sender}, because {reason}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/arrivals_desk.py" />
            <source>it does not call from the address that was agreed</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/arrivals_desk.py" />
            <source>it is not among the allowed callers, or asked for another AE title</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/arrivals_desk.py" />
            <source>it sent too many images within a minute</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/arrivals_desk.py" />
            <source>the image could not be written to the disk</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/arrivals_desk.py" />
            <source>the image is too large, or the disk is nearly full</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/arrivals_desk.py" />
            <source>what it sent is no valid image; it is kept aside in the quarantine folder</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/arrivals_desk.py" />
            <source>{count} new images are in the inbox (File, Open inbox).</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/arrivals_desk.py" />
            <source>{folder} cannot be reached any more.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/file.py" />
            <source>Cancel scoring</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/file.py" />
            <source>Open files…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/file.py" />
            <source>Open folder…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/file.py" />
            <source>Open inbox</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/file.py" />
            <source>Quit</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/file.py" />
            <source>Score the rest</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/help.py" />
            <source>About Opacity</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/help.py" />
            <location filename="../../app/gui/widgets/shortcuts_sheet.py" />
            <source>Keyboard shortcuts</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/image.py" />
            <location filename="../../app/gui/gestures.py" />
            <source>Fit</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/image.py" />
            <source>Flip left and right</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/image.py" />
            <source>Heatmap</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/image.py" />
            <source>Heatmap stronger</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/image.py" />
            <source>Heatmap weaker</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/image.py" />
            <source>Invert</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/image.py" />
            <source>One to one</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/image.py" />
            <source>Reset zoom, window and rotation</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/image.py" />
            <source>Rotate left</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/image.py" />
            <source>Rotate right</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/image.py" />
            <source>Zoom in</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/image.py" />
            <source>Zoom out</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/measure.py" />
            <source>Angle</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/measure.py" />
            <source>Cardiothoracic ratio</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/measure.py" />
            <source>Distance</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/measure.py" />
            <source>Draw a region, next shape</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/measure.py" />
            <source>Ellipse</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/measure.py" />
            <source>Magnifier</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/measure.py" />
            <source>Name the selected region…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/measure.py" />
            <source>Polygon</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/measure.py" />
            <source>Rectangle</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/measure.py" />
            <source>Remove what is selected</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/reading.py" />
            <location filename="../../app/gui/widgets/verdict_bar.py" />
            <source>Agree</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/reading.py" />
            <source>Blinded: judge before the network is shown</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/reading.py" />
            <location filename="../../app/gui/widgets/verdict_bar.py" />
            <source>Disagree</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/reading.py" />
            <location filename="../../app/gui/widgets/verdict_bar.py" />
            <location filename="../../app/review/exports/pdf.py" />
            <source>Key image</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/reading.py" />
            <source>My label: normal</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/reading.py" />
            <source>My label: pneumonia</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/reading.py" />
            <source>Next unread image</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/reading.py" />
            <source>Redo verdict</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/reading.py" />
            <source>Undo verdict</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/reading.py" />
            <location filename="../../app/gui/widgets/verdict_bar.py" />
            <location filename="../../app/review/exports/pdf.py" />
            <source>Unsure</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/reading.py" />
            <source>Who reads…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/reading.py" />
            <source>Write a note</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/tool_bar.py" />
            <location filename="../../app/review/exports/pdf.py" />
            <source>Model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/tool_bar.py" />
            <source>Tools</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/tools.py" />
            <source>Listen for new images</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/tools.py" />
            <source>Models…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/tools.py" />
            <source>Operating point…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/tools.py" />
            <source>Settings…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/tools.py" />
            <source>Sweeps…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/view.py" />
            <source>Clear the filter</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/view.py" />
            <source>Filter the list</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/view.py" />
            <source>Fold or unfold Needs your eyes</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/view.py" />
            <source>Fold or unfold Scored</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/view.py" />
            <source>Full screen</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/view.py" />
            <source>Hide identity</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/view.py" />
            <location filename="../../app/gui/gestures.py" />
            <source>Next image</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/view.py" />
            <location filename="../../app/gui/gestures.py" />
            <source>Previous image</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/view.py" />
            <source>Thumbnails</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/commands/view.py" />
            <source>Training panel</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/arrivals_controller.py" />
            <source>The file of this image has changed. It was read again and is scored anew.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/reading_controller.py" />
            <source>Another program has changed this verdict meanwhile.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/reading_controller.py" />
            <source>Blinded: give your own label first; the network is shown after that.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/reading_controller.py" />
            <source>Given again: {verdict}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/reading_controller.py" />
            <source>No other unread image is in this list.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/reading_controller.py" />
            <source>Nothing to redo.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/reading_controller.py" />
            <source>Nothing to undo: earlier verdicts are changed by giving another.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/reading_controller.py" />
            <source>The file cannot be opened, so no verdict on it could be found again.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/reading_controller.py" />
            <source>There is no score to agree with: give your own label.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/reading_controller.py" />
            <source>Undone: {verdict}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/reading_controller.py" />
            <source>Waiting for the image…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/reading_controller.py" />
            <source>✗ NOT SAVED:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/reading_words.py" />
            <source>, score not seen</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/reading_words.py" />
            <source>Saved {when}: {verdict}{blind}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/reading_words.py" />
            <source>Saving…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/reading_words.py" />
            <source>Unread</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/reading_words.py" />
            <source>Unread. Blinded: give your own label first.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/reading_words.py" />
            <source>agree</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/reading_words.py" />
            <source>disagree</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/reading_words.py" />
            <source>key image</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/reading_words.py" />
            <source>normal</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/reading_words.py" />
            <source>not judged</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/reading_words.py" />
            <source>pneumonia</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/reading_words.py" />
            <source>unsure</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/reading_words.py" />
            <location filename="../../app/gui/models/worklist_words.py" />
            <source>{reader}: {verdict}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/reading_words.py" />
            <source>▲ A verdict was given under the same UID on other pixels: it does not count here.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/triage_words.py" />
            <source>Measured on {count} patients of the training data, {youngest:.0f} to {oldest:.0f} years old. Other ages, adults among them: not measured.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/triage_words.py" />
            <source>Measured on {count} patients of the training data.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/triage_words.py" />
            <source>This image: not measured, it has no score.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/triage_words.py" />
            <source>This patient's age: not measured.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/triage_words.py" />
            <source>What it misses and what it calls wrongly was not measured.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/controllers/triage_words.py" />
            <source>{missed} missed pneumonias, {alarms} false alarms</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/gestures.py" />
            <source>Click its heading</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/gestures.py" />
            <source>Double click</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/gestures.py" />
            <source>Down</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/gestures.py" />
            <source>Fold a group</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/gestures.py" />
            <source>Left- or right-drag</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/gestures.py" />
            <source>List</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/gestures.py" />
            <source>Middle-drag, or Space and left-drag</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/gestures.py" />
            <source>Mouse on the image</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/gestures.py" />
            <source>Pan</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/gestures.py" />
            <source>Up</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/gestures.py" />
            <source>Wheel</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/gestures.py" />
            <source>Window and level</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/gestures.py" />
            <source>Zoom at the cursor</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/keymap.py" />
            <source>confirms what is asked</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/keymap.py" />
            <source>moves to the next control</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/keymap.py" />
            <source>moves to the previous control</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/keymap.py" />
            <source>pans the image while it is held</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/keymap.py" />
            <source>walks through lists and tables</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/models/worklist_words.py" />
            <source>A verdict under the same UID was given on other pixels.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/models/worklist_words.py" />
            <source>The file is no longer there.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/models/worklist_words.py" />
            <source>You: {verdict}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/models/worklist_words.py" />
            <source>gone</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/models/worklist_words.py" />
            <location filename="../../app/gui/widgets/prediction_panel.py" />
            <location filename="../../app/gui/widgets/worklist_delegates.py" />
            <source>hidden</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/privacy.py" />
            <source>Image {number}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/privacy.py" />
            <source>Other image {number}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/privacy.py" />
            <source>Path {number}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/reading_desk.py" />
            <source>Go on without verdicts</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/reading_desk.py" />
            <source>Move it aside and begin a new one</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/reading_desk.py" />
            <source>The database of verdicts may not be written: verdicts can be seen, not given.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/reading_desk.py" />
            <source>Verdicts</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/settings_desk.py" />
            <location filename="../../app/gui/widgets/settings_pages/keyboard.py" />
            <source> or </source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/settings_desk.py" />
            <source>Identity hidden</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/settings_desk.py" />
            <location filename="../../app/gui/widgets/settings_pages/keyboard.py" />
            <source>Keyboard</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/settings_desk.py" />
            <source>Names, IDs, dates, file names and paths are hidden. Text that is burned into the pixels cannot be hidden, nor what the system's own file dialogs show.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/image_notes.py" />
            <source>Frame {number}/{count}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/image_notes.py" />
            <source>inverted</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/listening_sign.py" />
            <source>Listening</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/listening_sign.py" />
            <source>{count} new in the inbox</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/operating_point_box.py" />
            <source>How many of your own patients have pneumonia; the network cannot know it.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/operating_point_box.py" />
            <source>Of 100 patients, at prevalence</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/operating_point_box.py" />
            <location filename="../../app/review/exports/pdf.py" />
            <source>Operating point</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/operating_point_box.py" />
            <source>Prevalence of pneumonia among your patients</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/prediction_panel.py" />
            <source>Probability of pneumonia</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/reader_dialog.py" />
            <location filename="../../app/gui/widgets/settings_dialog.py" />
            <source>Cancel</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/reader_dialog.py" />
            <source>Every verdict carries the name of who gave it. The name is kept on this computer and in the database of verdicts.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/reader_dialog.py" />
            <source>Name of the reader</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/reader_dialog.py" />
            <source>Name or initials</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/reader_dialog.py" />
            <location filename="../../app/gui/widgets/settings_dialog.py" />
            <source>OK</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/reader_dialog.py" />
            <location filename="../../app/gui/widgets/verdict_bar.py" />
            <source>Who reads?</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/settings_dialog.py" />
            <source>Apply</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/settings_dialog.py" />
            <source>Pages of the settings</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/settings_dialog.py" />
            <source>Settings</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/settings_pages/keyboard.py" />
            <source>Changed</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/settings_pages/keyboard.py" />
            <source>Choose a command, press its new key in the field below, then Use this key.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/settings_pages/keyboard.py" />
            <source>Command</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/settings_pages/keyboard.py" />
            <source>Commands and their keys</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/settings_pages/keyboard.py" />
            <source>Key</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/settings_pages/keyboard.py" />
            <source>New key</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/settings_pages/keyboard.py" />
            <source>No key</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/settings_pages/keyboard.py" />
            <source>Reset</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/settings_pages/keyboard.py" />
            <source>Reset all</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/settings_pages/keyboard.py" />
            <location filename="../../app/gui/widgets/shortcuts_sheet.py" />
            <source>Search for a command or a key</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/settings_pages/keyboard.py" />
            <source>Take it over</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/settings_pages/keyboard.py" />
            <source>Use this key</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/settings_pages/keyboard.py" />
            <source>changed</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/settings_pages/keyboard.py" />
            <source>{key} belongs to “{owner}”. Taken over, it leaves that command without it.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/settings_pages/keyboard.py" />
            <source>{key} {what}, and cannot be a command's.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/settings_pages/look.py" />
            <source>Dark, for the reading room</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/settings_pages/look.py" />
            <source>Follow the system</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/settings_pages/look.py" />
            <source>Light</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/settings_pages/look.py" />
            <source>Look</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/settings_pages/look.py" />
            <source>The ground behind an image stays black in every theme.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/settings_pages/look.py" />
            <source>Theme</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/shortcuts_sheet.py" />
            <source>Change keys…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/shortcuts_sheet.py" />
            <source>Close</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/shortcuts_sheet.py" />
            <source>Nothing of that name or key.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/sweep_time.py" />
            <source>About {time} for {count} settings on {device}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/sweep_time.py" />
            <source>Estimating the time…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/sweep_time.py" />
            <source>The time cannot be told beforehand.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/verdict_bar.py" />
            <source>Agree with the network</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/verdict_bar.py" />
            <source>Disagree with the network</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/verdict_bar.py" />
            <source>Normal</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/verdict_bar.py" />
            <location filename="../../app/review/exports/pdf.py" />
            <source>Note</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/verdict_bar.py" />
            <source>Note ({key})</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/verdict_bar.py" />
            <source>Pneumonia</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/verdict_bar.py" />
            <source>Reason (optional)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/verdict_bar.py" />
            <source>State of your reading</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/verdict_bar.py" />
            <source>Who reads; click to choose another</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/verdict_bar.py" />
            <source>Your own label</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/verdict_bar.py" />
            <source>Your own label: normal</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/verdict_bar.py" />
            <source>Your own label: pneumonia</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/verdict_bar.py" />
            <source>Your reading</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/view_tools/draw_tool.py" />
            <source>Click corner after corner</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/view_tools/draw_tool.py" />
            <source>Drag across the heart where it is widest</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/view_tools/draw_tool.py" />
            <source>Drag across the thorax, from inner rib edge to inner rib edge</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/view_tools/draw_tool.py" />
            <source>Drag from corner to corner</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/view_tools/draw_tool.py" />
            <source>Drag from end to end</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/view_tools/draw_tool.py" />
            <source>End of one leg</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/view_tools/draw_tool.py" />
            <source>End of the other leg</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/view_tools/draw_tool.py" />
            <source>Enter, double click or the first corner closes it</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/view_tools/draw_tool.py" />
            <source>Vertex</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/view_tools/furniture.py" />
            <source>Flipped</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/view_tools/furniture.py" />
            <source>Rotated {degrees}°</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/view_tools/label_editor.py" />
            <source>Label</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/view_tools/label_editor.py" />
            <source>Label of the region</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/view_tools/mark_painting.py" />
            <source>Cardiothoracic ratio {ratio}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/view_tools/mark_painting.py" />
            <source>Heart / thorax {figures} {unit}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/view_tools/mark_painting.py" />
            <source>The heart's line is longer than the thorax's: check both</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/window_level.py" />
            <source>As stored</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/window_level.py" />
            <source>Automatic</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/window_level.py" />
            <source>Bone</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/window_level.py" />
            <source>Image's curve {number}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/window_level.py" />
            <source>Image's window {number}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/window_level.py" />
            <source>Lungs</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/window_level.py" />
            <source>Mediastinum</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/window_level.py" />
            <source>Value {value} {units}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/window_level.py" />
            <source>W {width}  L {center}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/gui/widgets/window_level.py" />
            <source>stored {value}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/jobs/verdict_worker.py" />
            <location filename="../../app/review/store_errors.py" />
            <source>Choose another place for the verdicts in the settings.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/jobs/verdict_worker.py" />
            <source>The verdict is not saved ({kind}).</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/jobs/verdict_worker.py" />
            <source>The verdict is not saved: the database of verdicts is not open.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/jobs/verdict_worker.py" />
            <source>Why was told when it could not be opened.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>11112 is usual for DICOM.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>A host name or an IP address was expected.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>A whole number from 1 to 65535 was expected.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>Add the sender's AE title, best with its address: MODALITY@192.168.1.20.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>An AE title has 1 to 16 letters, digits or signs, without a backslash.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>An IP address or a network was expected, such as 192.168.1.0/24.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>Ask whoever runs the other system for the right one.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>Correct it, or leave the @ and what follows away.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>Give it in the settings, DICOM network.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>Listening beyond this computer needs at least one allowed caller.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>Nobody is named who may send to this computer.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>The node {name} has no address.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>{port} is no port.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>“{network}” is no address.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/config.py" />
            <source>“{title}” is no AE title.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/inbox_store.py" />
            <source>Another Opacity is receiving already.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/inbox_store.py" />
            <source>One receiver at a time fills the inbox.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/inbox_store.py" />
            <source>Switch listening off there, or close it.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/listen_worker.py" />
            <source>A folder that can be written is needed in Opacity's own folder.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/listen_worker.py" />
            <source>Check the disk and the permissions, then listen again.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/listen_worker.py" />
            <source>The inbox cannot be used: {reason}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/outgoing.py" />
            <source>, and an image compressed with loss is not sent in another form.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/outgoing.py" />
            <source>Not sent: it is no DICOM object.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/outgoing.py" />
            <source>Not sent: the file cannot be read ({reason}).</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/outgoing.py" />
            <source>Not sent: the node does not take this kind: {kind}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/outgoing.py" />
            <source>Not sent: the node does not take {form}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/outgoing.py" />
            <source>Not sent: the node does not take {form}, and it cannot be decompressed.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/receiver.py" />
            <source>A free port and an address of this computer were expected.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/receiver.py" />
            <source>Choose a port above 1023, such as 11112.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/receiver.py" />
            <source>Choose another port, or end that program.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/receiver.py" />
            <source>Correct the address; 127.0.0.1 is this computer alone, 0.0.0.0 every network.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/receiver.py" />
            <source>Opacity cannot listen on {place}: {said}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/receiver.py" />
            <source>Port {port} is in use by another program.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/receiver.py" />
            <source>The system does not let Opacity listen on port {port}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>A DICOM node was expected at that address and port.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>A node answers a C-ECHO with success.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>A node must take their kind: {kinds}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>Ask whoever runs it.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>Check address, port and TLS in the settings, and that the node is running.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>Choose another node, or have it set up for them.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>Connection lost: the node may not have it.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>Correct the AE titles, here or there; {title} is ours.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>Not sent: cancelled.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>Not sent: connection lost.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>Not sent: it cannot be encoded ({reason}).</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>it does not speak TLS as expected</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>it ended the connection without an answer</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>its certificate is not trusted ({reason})</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>no answer came in time</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>nobody listens there</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>the name is unknown</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>{name} ({place}) cannot be reached: {why}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>{name} answered the test with a failure.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>{name} refuses the connection.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/sender.py" />
            <source>{name} takes none of these images.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>It does not know our AE title.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>It does not know this kind of connection.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>It gives no reason that is known here.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>It gives no reason.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>It has another AE title than the one we called.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>It has too many connections just now.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>It has too much to do just now.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>Refused: {why} ({code}).</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>Sent.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>Sent; the node has changed or doubts parts of it ({code}).</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>the node cannot understand it</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>the node does not allow it to us</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>the node does not take this kind of object</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>the node finds its SOPInstanceUID invalid</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>the node finds that it is not what it says</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>the node gives no reason that is known here</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/network/words.py" />
            <source>the node has no room for it, or too much came at once</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/deidentify.py" />
            <source>Images of this kind often have names burned into their pixels; these stay.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/deidentify.py" />
            <source>Text that is burned into the pixels (names, dates, markers) stays there: look.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/deidentify.py" />
            <source>The file says that text is burned into its pixels; it stays there.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>Agrees</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>Call</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>Chest X-ray review</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>Device</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>Disagrees</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>For research and triage support, not a medical device.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>Image</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>In sight then</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>Model {model}  ·  threshold {threshold}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>NORMAL: below the threshold</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>Needs your eyes</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>Neither score nor heatmap</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>No score. This is not a normal result.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>No verdict has been given.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>Not for primary diagnosis</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>Not yet scored</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>Own label</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>PNEUMONIA: at or above the threshold</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>Page {number}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>Patient</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>Preprocessing</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>Purpose</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>Read with caution</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>Reader</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>Reason</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>Regions drawn</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>Score</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>Score and heatmap</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>The heatmap, not the score</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>The image could not be read.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>The score, not the heatmap</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>Verdict</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>Version</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>What the network says</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>What the reader says</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>With heatmap: {what}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>Yes</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>made on {day}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>no score</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>threshold {threshold:.3f}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>{age:.0f} months</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>{age:.0f} years</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/pdf.py" />
            <source>{count} images</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/run.py" />
            <source>A header that follows the standard was expected.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/run.py" />
            <source>Choose another format for this image.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/exports/run.py" />
            <source>It could not be made ({kind}).</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>A database of verdicts was expected; it was left as it is.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>A drive that works and has room was expected.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>A file in a folder that exists and may be written was expected.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>Ask whoever keeps the file, or choose another place in the settings.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>Check the drive or the network, and give the verdict again.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>Close Opacity there, and start this one again.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>Free some room, and give the verdict again.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>Give the verdict again in a moment.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>It was deleted, moved or replaced while Opacity was running.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>Its format is {version}; this version knows up to {known}. It was left as it is.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>Look at it, and give yours again if it is still what you think.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>Make the folder writable, or choose another place in the settings.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>Move it aside and begin a new one, or put a copy from a backup in its place.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>Nothing was saved: the newer verdict is shown now.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>Nothing was written to it, and nothing will be.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>Over the network it needs another kind of journal, which can be chosen while nobody else has it open.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>Programs write one after the other and wait a few seconds for each other.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>Put it back, or start Opacity again to begin a new one. The last verdict is not saved.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>The database of verdicts {path} cannot be opened.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>The database of verdicts {path} is damaged: {complaint}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>The database of verdicts {path} is in use on the computer where it lies.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>The database of verdicts {path} is no longer in its place.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>The database of verdicts {path} was written by a newer version of Opacity.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>The database of verdicts, {path}, needs room to grow.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>The folder of the verdicts, {folder}, cannot be used: {why}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>The verdict is not saved: another program holds {path}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>The verdict is not saved: the disk is full.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>The verdict is not saved: {path} cannot be read or written ({error}).</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>The verdict is not saved: {path} may not be written.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>Use the newer version, or choose another place for the verdicts in the settings.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>Verdicts are kept in a file there.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>Write permission on the file and its folder is needed.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>You have given another verdict on this image meanwhile, in another program.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../app/review/store_errors.py" />
            <source>{path} is a database of another program.</source>
            <translation type="unfinished" />
        </message>
    </context>
</TS>
