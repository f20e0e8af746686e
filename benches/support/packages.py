"""Packages of the registries, unpacked: what the benches and the clean corpus are made of."""

import shutil
import subprocess
import sys
import tarfile
import zipfile


def quiet(*command, **options):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **options)


def unpack(archive, folder):
    folder.mkdir(parents=True)
    if archive.suffix in (".whl", ".zip"):
        zipfile.ZipFile(archive).extractall(folder)
    else:
        tarfile.open(archive).extractall(folder, filter="data")


def fetch(registry, name, version, corpus):
    """Downloads a wheel or an npm tarball once, and unpacks it below `corpus`."""
    folder = corpus / f"{registry}-{name.replace('@', '').replace('/', '-')}-{version}"
    if folder.exists():
        return
    download = corpus.parent / "download"
    shutil.rmtree(download, ignore_errors=True)
    download.mkdir(parents=True)
    if registry == "pypi":
        quiet(sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:",
              "--disable-pip-version-check", "-d", str(download), f"{name}=={version}")
    else:
        quiet("npm", "pack", "--silent", f"{name}@{version}", cwd=download)
    unpack(next(download.iterdir()), folder)


def fetch_all(listed, corpus):
    """Every package of a list: lines of registry, name, version."""
    corpus.mkdir(parents=True, exist_ok=True)
    for line in listed.read_text().splitlines():
        if line and not line.startswith("#"):
            fetch(*line.split(), corpus)
