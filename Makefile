# 常用的几件事。只要有 python3（3.11 起）、python3-venv 和 make。
.DEFAULT_GOAL := help
PYTHON ?= python3
PY := .venv/bin/python
# 一个文件里只做一次的东西（装好的区、演示、浏览器），只由一个进程做。几个核就几个进程，再多内存不够开浏览器。
PYTEST := $(PY) -m pytest -p scripts.skips -p scripts.failed -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
# 测试不看这些：演示的设置属于演示。
CLEAN_ENV := env -u LINLI_DEMO -u LINLI_KEYS -u LINLI_SECRET_KEY -u PROFILE

.PHONY: help demo setup setup-dev test test-pg lint bench screenshots clean reset

help: ## 列出这些命令
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: setup ## 装好并启动演示：http://127.0.0.1:8000（PORT、PROFILE、DATABASE_URL 可改）
	@exec .venv/bin/linli demo

setup:
	@$(PYTHON) scripts/bootstrap.py run

setup-dev:
	@$(PYTHON) scripts/bootstrap.py dev

test: setup-dev ## 全部测试，用 SQLite；没有 Chromium 时会大声说跳过了浏览器测试
	@$(CLEAN_ENV) -u DATABASE_URL $(PYTEST) $(ARGS)

test-pg: setup-dev ## 同样的测试，用 var/pg 里自起自停的 PostgreSQL
	@url=$$($(PY) scripts/postgres.py start) || exit 1; \
	status=0; $(CLEAN_ENV) DATABASE_URL="$$url" $(PYTEST) $(ARGS) || status=$$?; \
	$(PY) scripts/postgres.py stop; exit $$status

lint: setup-dev ## 格式、类型、谁能引用谁、翻译齐不齐、有没有写进某台机器的东西
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	$(PY) scripts/messages.py --check
	$(PY) scripts/hygiene.py

bench: setup-dev ## 量一量（SIZE=1m 为一百万件，只用 PostgreSQL）
	@$(PY) -m bench

screenshots: setup-dev ## 给每一页照相，存到 var/screenshots
	@$(PY) scripts/screenshots.py

clean: ## 删掉装出来、编出来的东西，数据留着
	@test ! -f var/pg/data/postmaster.pid || $(PYTHON) scripts/postgres.py stop
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf frontend/node_modules linli/kit/static/vendor var/static var/pg test-results
	find linli tests bench scripts locale \( -name __pycache__ -o -name '*.mo' \) -prune -exec rm -rf {} +

reset: ## 删掉演示的数据库、照片和设置，下次从头来
	rm -rf var/linli*.sqlite3* var/files var/demo.env var/worker.beat
