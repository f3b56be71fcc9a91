"""Faces and heads: the models, what they see, and the crop that is planned from it.

``models`` is the only module that imports a runtime of the models. Nothing here judges.

- ``model_manifest``: which bytes of weights count, and where they lie
- ``models``: the four models, loaded once a process
- ``roi``: the region of interest that landmarks and segmenter are given
- ``head_measures``: landmark indices, the crown, the hairline, the measures of a head
- ``natural_colours``: a view with the hair painted brown: hair by its form
- ``covering``: how far up what is on the head goes
- ``head_view``: aligned head views: the head seen close and upright
- ``upright``: which way up a picture stands
- ``phantoms``: detections that are nobody
- ``people``: how many people a photo shows
- ``crop``: the best crop of a source, or why there is none
- ``reframe``: what a photographer would have to move so that there is one
"""
