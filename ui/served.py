"""The app as the server runs it: ``streamlit run served.py -- app.py``; see :mod:`serve`."""

import sys

from pricing_ui.answers import WholeAnswers
from pricing_ui.head import OwnScript
from starlette.middleware import Middleware
from streamlit.starlette import App

app = App(sys.argv[1], middleware=[Middleware(OwnScript), Middleware(WholeAnswers)])
