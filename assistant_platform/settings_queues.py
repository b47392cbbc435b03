"""Which queue each task waits in; what is not named here waits in `default`."""

CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    f"pipeline.tasks.{task}": {"queue": queue}
    for queue, tasks in {
        "llm": ("judge_finding", "write_remedy", "preview_memory", "evaluate_judge", "draft_rule"),
        "tell": (
            "process_webhooks",
            "tell_change_request",
            "open_fix_request",
            "tell_scan",
            "send_message",
            "check_connection",
        ),
        "verify": ("prove_fixes", "run_rule_trial", "import_rules"),
    }.items()
    for task in tasks
}
