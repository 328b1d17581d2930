from coach.cli import app

app()
