"""How the stand-in speaks of code: commits, changed files and contents."""

import base64

from tests.github_server.git import CommitFacts, FileDiff
from tests.github_server.shapes import Json, Shapes, node_id
from tests.github_server.state import Repository

UNSIGNED = {
    "verified": False,
    "reason": "unsigned",
    "signature": None,
    "payload": None,
    "verified_at": None,
}


class CodeShapes(Shapes):
    """Shapes of what git holds."""

    def git_commit(self, repository: Repository, facts: CommitFacts) -> Json:
        """A commit as git has it."""
        git = f"{self.api}/repos/{repository.full_name}/git"
        web = f"{self.web}/{repository.full_name}/commit"
        return {
            "sha": facts.sha,
            "node_id": node_id("Commit", facts.sha),
            "url": f"{git}/commits/{facts.sha}",
            "html_url": f"{web}/{facts.sha}",
            "author": self._signature(facts.author_name, facts.author_email, facts.author_date),
            "committer": self._signature(
                facts.committer_name, facts.committer_email, facts.committer_date
            ),
            "message": facts.message,
            "tree": {"sha": facts.tree, "url": f"{git}/trees/{facts.tree}"},
            "parents": [
                {"sha": one, "url": f"{git}/commits/{one}", "html_url": f"{web}/{one}"}
                for one in facts.parents
            ],
            "verification": UNSIGNED,
        }

    def _signature(self, name: str, email: str, date: str) -> Json:
        return {"name": name, "email": email, "date": date}

    def commit(self, repository: Repository, facts: CommitFacts) -> Json:
        """A commit as the API has it, without its files."""
        plain = self.git_commit(repository, facts)
        where = f"{self.api}/repos/{repository.full_name}/commits"
        return {
            "sha": facts.sha,
            "node_id": plain["node_id"],
            "url": f"{where}/{facts.sha}",
            "html_url": plain["html_url"],
            "comments_url": f"{where}/{facts.sha}/comments",
            "commit": {
                **{key: plain[key] for key in ("url", "author", "committer", "message", "tree")},
                "comment_count": 0,
                "verification": UNSIGNED,
            },
            "author": self.account(facts.author_name.lower()),
            "committer": self.account(facts.committer_name.lower()),
            "parents": [
                {**one, "url": one["url"].replace("/git/commits/", "/commits/")}
                for one in plain["parents"]
            ],
        }

    def file(self, repository: Repository, head: str, diff: FileDiff) -> Json:
        """A changed file; large and binary ones come without their patch."""
        path = f"{repository.full_name}/%s/{head}/{diff.path}"
        facts: Json = {
            "sha": diff.sha,
            "filename": diff.path,
            "status": diff.status,
            "additions": diff.additions,
            "deletions": diff.deletions,
            "changes": diff.additions + diff.deletions,
            "blob_url": f"{self.web}/{path % 'blob'}",
            "raw_url": f"{self.web}/{path % 'raw'}",
            "contents_url": f"{self.api}/repos/{repository.full_name}/contents/{diff.path}"
            f"?ref={head}",
        }
        if diff.patch is not None and len(diff.patch) <= self.github.patch_limit:
            facts["patch"] = diff.patch
        if diff.status == "renamed":
            facts["previous_filename"] = diff.old_path
        return facts

    def content(self, repository: Repository, path: str, ref: str, blob: bytes, sha: str) -> Json:
        """A file as JSON; above 1 MB its content is left out."""
        where = f"{self.api}/repos/{repository.full_name}"
        is_small = len(blob) <= self.github.content_limit
        links = {
            "self": f"{where}/contents/{path}?ref={ref}",
            "git": f"{where}/git/blobs/{sha}",
            "html": f"{self.web}/{repository.full_name}/blob/{ref}/{path}",
        }
        return {
            "type": "file",
            "name": path.rpartition("/")[2],
            "path": path,
            "sha": sha,
            "size": len(blob),
            "encoding": "base64" if is_small else "none",
            "content": base64.encodebytes(blob).decode() if is_small else "",
            "url": links["self"],
            "git_url": links["git"],
            "html_url": links["html"],
            "download_url": f"{self.web}/raw/{repository.full_name}/{ref}/{path}",
            "_links": links,
        }
