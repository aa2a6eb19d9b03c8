"""Print the image of one of AWS's containers in a region: `python -m deploy.image ray us-east-1 ml.g4dn.xlarge`.

Runs where the SageMaker SDK is, .venv-sagemaker, since that knows each region's registry.
"""

import argparse

from sagemaker.core import image_uris

VERSIONS = {
    "ray": {"framework": "ray-serve", "version": "1.4"},
    "pytorch": {"framework": "pytorch", "version": "2.6.0", "py_version": "py312"},
}


def main() -> None:
    """Ask the SDK."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("container", choices=VERSIONS)
    parser.add_argument("region")
    parser.add_argument("instance_type")
    requested = parser.parse_args()
    print(
        image_uris.retrieve(
            **VERSIONS[requested.container],
            region=requested.region,
            instance_type=requested.instance_type,
            image_scope="inference",
        )
    )


if __name__ == "__main__":
    main()
