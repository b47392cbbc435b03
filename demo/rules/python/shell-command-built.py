import os
import subprocess


def print_label(printer, path):
    # ruleid: assistant.python.shell-command-built
    subprocess.run(f"lp -d {printer} {path}", shell=True, check=True)
    # ruleid: assistant.python.shell-command-built
    os.system("lpstat -p " + printer)
    # ok: assistant.python.shell-command-built
    subprocess.run(["lp", "-d", printer, path], check=True)
    # ok: assistant.python.shell-command-built
    subprocess.run("lpstat -t", shell=True, check=True)
