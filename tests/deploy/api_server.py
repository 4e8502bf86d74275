"""A Kubernetes API server with its etcd, on loopback, without nodes and without controllers:
what takes and checks objects. VIGIE_KUBE_APISERVER names the program.
"""

import os
import pathlib
import secrets
import shutil
import socket
import subprocess
import tempfile
import time

START_S = 120


def free_ports(count):
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


class ApiServer:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vigie-api-server-"))
        self.processes = []
        self.log_file = self.folder / "log"
        store, peer, self.port = free_ports(3)
        self.start(
            "etcd",
            f"--data-dir={self.folder}/etcd",
            f"--listen-client-urls=http://127.0.0.1:{store}",
            f"--advertise-client-urls=http://127.0.0.1:{store}",
            f"--listen-peer-urls=http://127.0.0.1:{peer}",
            f"--initial-advertise-peer-urls=http://127.0.0.1:{peer}",
            f"--initial-cluster=default=http://127.0.0.1:{peer}",
        )
        key = self.folder / "accounts.key"
        subprocess.run(
            ["openssl", "genrsa", "-out", str(key), "2048"], check=True, capture_output=True
        )
        token = secrets.token_hex(16)
        (self.folder / "tokens").write_text(f'{token},admin,admin,"system:masters"\n')
        self.start(
            os.environ["VIGIE_KUBE_APISERVER"],
            f"--etcd-servers=http://127.0.0.1:{store}",
            "--bind-address=127.0.0.1",
            f"--secure-port={self.port}",
            f"--cert-dir={self.folder}/certificates",
            f"--token-auth-file={self.folder}/tokens",
            "--authorization-mode=RBAC",
            "--service-account-issuer=https://vigie.test",
            f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            "--service-cluster-ip-range=10.0.0.0/24",
            # accounts of a namespace are made by a controller, of which there is none
            "--disable-admission-plugins=ServiceAccount",
        )
        self.settings = self.folder / "kubeconfig"
        self.settings.write_text(
            "apiVersion: v1\nkind: Config\ncurrent-context: test\n"
            f"clusters: [{{name: test, cluster: {{server: 'https://127.0.0.1:{self.port}', "
            "insecure-skip-tls-verify: true}}]\n"
            f"users: [{{name: admin, user: {{token: {token}}}}}]\n"
            "contexts: [{name: test, context: {cluster: test, user: admin}}]\n"
        )
        self.environment = dict(os.environ, KUBECONFIG=str(self.settings))
        deadline = time.monotonic() + START_S
        while self.run(["kubectl", "get", "--raw", "/readyz"], check=False).returncode != 0:
            dead = [process.args[0] for process in self.processes if process.poll() is not None]
            if dead or time.monotonic() > deadline:
                told = self.log_file.read_text(errors="replace")[-4000:]
                self.stop()
                raise RuntimeError(f"no API server (ended: {dead}):\n{told}")
            time.sleep(0.5)

    def start(self, *command):
        with open(self.log_file, "ab") as log:
            self.processes.append(
                subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
            )

    def run(self, command, check=True, timeout=120, **options):
        done = subprocess.run(
            [*map(str, command)],
            capture_output=True,
            text=True,
            env=self.environment,
            timeout=timeout,
            **options,
        )
        if check and done.returncode != 0:
            raise AssertionError(
                f"{' '.join(map(str, command))}: {done.returncode}\n{done.stdout}\n{done.stderr}"
            )
        return done

    def stop(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
