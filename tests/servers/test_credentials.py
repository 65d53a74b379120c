"""Roles and web identities: on Ceph RGW, which verifies whose keys ask and what the role's may do, and on moto, which tells whom it
takes a caller for. botocore gets the same files and environment."""
import os
import pathlib
import shutil
import tempfile

import botocore.session

from servers import URLS, TestCase, environment, unique

BASE = "[base]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n"
FILES = """
[profile plain]
role_arn = {role}
source_profile = base
role_session_name = plain-session

[profile chained]
role_arn = {other}
source_profile = plain
role_session_name = chained-session
external_id = an=id
duration_seconds = 900

[profile environment]
role_arn = {role}
credential_source = Environment
role_session_name = environment-session

[profile web]
role_arn = {role}
web_identity_token_file = {token}
role_session_name = web-session

[profile on-web]
role_arn = {other}
source_profile = web
role_session_name = on-web-session

[profile wrong]
role_arn = {role}
source_profile = wrong-keys

[profile wrong-keys]
aws_access_key_id = {id}
aws_secret_access_key = not-this

[profile none]
role_arn = arn:aws:iam:::role/none
source_profile = base
"""


class Credentials(TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="pail-credentials-"))
        self.addCleanup(shutil.rmtree, self.dir)

    def write(self, server, role, other):
        """The files, for the keys of the server; what finds them."""
        key, secret = "test", "test"
        if server == "rgw":
            key, secret = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
        token = self.dir / "token"
        token.write_text("header.payload.signature\n")
        known = {"role": role, "other": other, "token": token, "id": key, "secret": secret}
        (self.dir / "config").write_text(FILES.format(**known))
        (self.dir / "credentials").write_text(BASE.format(**known))
        return {"AWS_CONFIG_FILE": str(self.dir / "config"), "AWS_SHARED_CREDENTIALS_FILE": str(self.dir / "credentials"),
                "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret}

    def botocore_arn(self, server, profile, found):
        """Whom the server takes botocore for."""
        before = dict(os.environ)
        try:
            os.environ.update(environment(server, **found))
            sts = botocore.session.Session(profile=profile).create_client("sts", endpoint_url=URLS[server], region_name="us-east-1")
            return sts.get_caller_identity()["Arn"]
        finally:
            os.environ.clear()
            os.environ.update(before)

    def arn(self, server, profile, found):
        lines = self.run_program(server, self.words("whoami", "--profile", profile), **found)[0].decode().splitlines()
        known = dict(line.split(": ", 1) for line in lines)
        return known["Arn"], known["Credentials"]

    def words(self, *words):
        import servers
        return [servers.PAIL, *words]

    def test_who_they_are(self):
        role, other = "arn:aws:iam::123456789012:role/one", "arn:aws:iam::123456789012:role/two"
        found = self.write("moto", role, other)
        for profile, name, assumed in (("plain", "one", role), ("chained", "two", other), ("environment", "one", role),
                                       ("web", "one", role), ("on-web", "two", other)):
            arn, source = self.arn("moto", profile, found)
            self.assertEqual(arn, self.botocore_arn("moto", profile, found))
            self.assertEqual(arn, f"arn:aws:sts::123456789012:assumed-role/{name}/{profile}-session")
            self.assertEqual(source, f"role {assumed} of profile {profile}")

    def test_the_environment_says(self):
        found = self.write("moto", "arn:aws:iam::123456789012:role/one", "")
        said = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(self.dir / "token"), "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/env",
                "AWS_ROLE_SESSION_NAME": "env-session", "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
        out = self.run_program("moto", self.words("whoami"), **{**found, **said})[0].decode()
        self.assertIn("Arn: arn:aws:sts::123456789012:assumed-role/env/env-session\n", out)
        self.assertIn("Credentials: role arn:aws:iam::123456789012:role/env of the environment\n", out)

    def test_ministack(self):
        found = self.write("ministack", "arn:aws:iam::000000000000:role/one", "arn:aws:iam::000000000000:role/two")
        for profile in ("plain", "chained", "environment", "web", "on-web"):
            arn, source = self.arn("ministack", profile, found)
            self.assertEqual(arn, self.botocore_arn("ministack", profile, found))
            self.assertIn(f" of profile {profile}", source)

    def test_what_they_may_do(self):
        """The gateway checks the signature of whoever asks, that he may assume the role, and the session's token."""
        found = self.write("rgw", "arn:aws:iam:::role/reader", "")
        s3 = botocore.session.Session().create_client(
            "s3", endpoint_url=URLS["rgw"], region_name="us-east-1", aws_access_key_id=found["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=found["AWS_SECRET_ACCESS_KEY"])
        bucket = unique("pail-role")
        s3.create_bucket(Bucket=bucket)
        self.addCleanup(s3.delete_bucket, Bucket=bucket)
        s3.put_object(Bucket=bucket, Key="k", Body=b"content")
        self.addCleanup(s3.delete_object, Bucket=bucket, Key="k")
        for profile in ("plain", "environment"):
            out, err = self.run_program("rgw", self.words("cat", f"s3://{bucket}/k", "--profile", profile), **found)
            self.assertEqual((out, err), (b"content", b""))
        for profile, code, role in (("wrong", "AccessDenied", "reader"), ("none", "NoSuchEntity", "none")):
            out, err = self.run_program("rgw", self.words("cat", f"s3://{bucket}/k", "--profile", profile), status=4, **found)
            self.assertEqual(out, b"")
            self.assertIn(f"pail: s3://{bucket}/k: {code}: role arn:aws:iam:::role/{role}: ", err.decode())
            self.assertEqual(err.count(b"\n"), 1)
