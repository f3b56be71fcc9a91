"""The answer while the student still stands there: frames are examined as they arrive.

What a shoot on site is, in plain functions and one loop. What it remembers is a season's folder
(`season` in the output folder), so a run that is killed is gone on with, and `gradphoto season`
can take it over. The lists at the end are those of `check`.

- ``run``: the loop: what arrives is taken, examined, answered, and listed at the end
- ``setup``: test frames of wall and assistant, before the first student
- ``arrivals``: which files of the folder have come, and lie still
- ``shooting``: what has come so far: taken, written down, examined, answered in turn
- ``teller``: who is told what happens
- ``booth``: the latest frames of each camera, and what was told of them
- ``board``: who has passed, who comes again, who has not come
- ``page``: the page for a browser beside the camera
- ``memory``: what a killed run leaves to the next one
- ``answer``: what one frame comes to, in the photographer's words
"""
