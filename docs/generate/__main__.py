"""Write everything that is made from the calls and the commands: `python -m docs.generate`."""

from docs.generate.files import main

if __name__ == "__main__":
    main()
