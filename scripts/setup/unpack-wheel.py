"""Checks a wheel's SHA-256 and unpacks the members whose names start with one of the prefixes.

usage: unpack-wheel.py WHEEL SHA256 TARGET PREFIX...

Python, because a wheel is read by its zipfile module while Node has nothing for zip files of its own, and the
set-up runs before any package is there. The last line written on failure is "reason: text".
"""

import hashlib
import os
import shutil
import sys
import zipfile


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 22), b""):
            digest.update(block)
    return digest.hexdigest()


def unpack(wheel, target, prefixes):
    count = 0
    root = os.path.realpath(target)
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            if member.is_dir() or not member.filename.startswith(tuple(prefixes)):
                continue
            path = os.path.realpath(os.path.join(root, member.filename))
            if not path.startswith(root + os.sep):
                raise ValueError("a member climbs out of the archive: " + member.filename)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with archive.open(member) as source, open(path, "wb") as copy:
                shutil.copyfileobj(source, copy, 1 << 22)
            if member.external_attr >> 16 & 0o111:
                os.chmod(path, 0o755)
            count += 1
    return count


def main():
    wheel, expected, target, prefixes = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
    try:
        found = sha256_of(wheel)
        if found != expected:
            sys.exit("wrong-checksum: " + found)
        if unpack(wheel, target, prefixes) == 0:
            sys.exit("incomplete: no member starts with " + " or ".join(prefixes))
    except zipfile.BadZipFile as error:
        sys.exit("damaged: " + str(error))
    except OSError as error:
        sys.exit("system: " + str(error))
    except ValueError as error:
        sys.exit("damaged: " + str(error))


main()
