"""Pictures without faces: bytes to upright sRGB pixels, and a crop to the registration file.

It knows JPEG, colour and geometry, and no model.

- ``sniff``: what a file is, by its first bytes
- ``raw_marks``: cameras' RAW files
- ``decode``: bytes to upright sRGB pixels, or the reason why not
- ``decoder_errors``: what decoders raise and print, refused in one place
- ``jpeg_header``: kind of frame, quality, subsampling
- ``exif``: which way up, which colours, when, by a camera or not
- ``frames``: which picture of a file is the photo, and whether there is another one
- ``code_card``: the QR codes of a card that was photographed
- ``colour``: any stored pixels to 8-bit sRGB
- ``colour_difference``: how far apart two colours look
- ``colour_names``: what a colour is called
- ``light``: code to light and back, and shrinking in it
- ``geometry``: where a head lies in the frame, and in a crop of it
- ``encode``: the crop to the registration file, into the KB window
- ``preview``: a picture large enough to judge a photo by
- ``ssim``: how much alike two encodings of one picture are
- ``retag``: a file that is right in all but its tags, put right without touching a pixel
"""
