# make run     the map at http://localhost:8080
# make build   bin/clustermap, one file with the page and the atlas inside
# make test    every check, as .ci/run makes it
# make conformance the abstract tests of the OGC standards, against the program
# make bench   the benchmarks
# make golden  runs the programs of others that our numbers are held to, and compares
# make fuzz    each fuzz target for FUZZTIME
# make atlas   computes the computed files of data/ anew
# make picture photographs the map for README.md
# make clean   removes what the others made

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS   += --no-print-directory
.NOTPARALLEL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# What make run hands to the program: make run ARGS="-addr :9000 places.geojson"
ARGS ?=
FUZZTIME ?= 30s
BENCH ?= .

# The benchmarks whose turns have a length of their own.
WHOLE := Peers|PostGIS|Load

# Debian packages that the tests use: a compiler for the race detector, the
# browser and its Chinese glyphs, and the clients and oracles we are held to.
APT_PACKAGES := gcc libc6-dev chromium fonts-noto-cjk gdal-bin proj-bin python3 python3-owslib python3-qgis curl jq poppler-utils qpdf libreoffice-impress libreoffice-calc fonts-liberation

# The database and the map server that the benchmarks run beside.
BENCH_PACKAGES := postgresql-postgis mapserver-bin

# The statistics of others: R's, and what Python needs for an environment of its own.
GOLDEN_PACKAGES := r-base-core r-cran-jsonlite r-cran-spdep r-cran-spatstat python3-venv

.PHONY: help
help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

# --- build and run

.PHONY: run build program page need-go need-node
run: build
	@exec bin/clustermap serve $(ARGS)

build: need-go page program

program: need-go
	@echo "== building bin/clustermap"
	@CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o bin/clustermap ./cmd/clustermap

# Without Node the program still builds: it serves the data, and in place of the
# map a page that says how to get it.
page:
	@if why=$$($(NODE_OK)); then \
		$(MAKE) -s web/dist/index.html; \
	else \
		printf '%s\n' "!! $$why" "!! Building without the map page; the data are served all the same."; \
	fi

need-go:
	@command -v go >/dev/null || { \
		echo "Go is missing: install Go 1.26 or later from https://go.dev/dl/ and run make again." >&2; exit 1; }

need-node:
	@why=$$($(NODE_OK)) || { echo "$$why" >&2; exit 1; }

# Says what is missing and fails, or says nothing.
define NODE_OK
{ command -v node && command -v npm; } >/dev/null 2>&1 || { echo "Node.js is missing: the map page needs Node 20.19 or later with npm, from https://nodejs.org/"; exit 1; }; \
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' || { echo "Node.js $$(node --version) is too old: the map page needs Node 20.19 or later."; exit 1; }
endef

WEB_FILES := $(shell find web \( -path web/node_modules -o -path web/dist -o -path web/fonts -o -path web/print \) -prune -o -type f -print)

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	@echo "== npm ci (web)"
	@cd web && npm ci --no-audit --no-fund
	@touch $@

# The fonts are cut to the characters of the atlas and of pictures, so the page
# depends on them too.
web/dist/index.html: web/node_modules/.package-lock.json $(WEB_FILES) $(wildcard data/*.json data/*.geojson data/codes/*.csv geo/render/*.go)
	@echo "== building the map page (web/dist) and the faces of pictures (web/print)"
	@cd web && npm run build
	@touch $@

# --- test

.PHONY: test apt bench-apt golden-apt inputs web-test gofmt vet staticcheck go-test
test: need-go need-node apt inputs web-test gofmt vet staticcheck program go-test

apt: PACKAGES := $(APT_PACKAGES)
bench-apt: PACKAGES := $(BENCH_PACKAGES)
golden-apt: PACKAGES := $(GOLDEN_PACKAGES)
apt bench-apt golden-apt:
	@echo "== Debian packages"
	@missing=; for p in $(PACKAGES); do \
		[ "$$(dpkg-query -W -f='$${db:Status-Status}' $$p 2>/dev/null)" = installed ] || missing="$$missing $$p"; \
	done; \
	if [ -z "$$missing" ]; then echo "all installed: $(PACKAGES)"; exit; fi; \
	command -v apt-get >/dev/null || { echo "not a Debian system; needed are:$$missing" >&2; exit 1; }; \
	[ "$$(id -u)" = 0 ] || { echo "as root: apt-get install$$missing" >&2; exit 1; }; \
	echo "installing$$missing"; \
	apt-get -o DPkg::Lock::Timeout=900 -qq update; \
	DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=900 -qq -y install --no-install-recommends $$missing

# What cmd/mkatlas computes from, MapLibre for the example in README.md, and the
# readers of our archives, tiles and slides.
inputs: cmd/mkatlas/node_modules/.package-lock.json \
        geo/archive/testdata/peer/node_modules/.package-lock.json \
        geo/tile/testdata/peer/node_modules/.package-lock.json \
        geo/draw/testdata/peer/node_modules/.package-lock.json \
        cmd/clustermap/testdata/maplibre/node_modules/.package-lock.json \
        out/inputs/deb/usr/share/qgis

cmd/mkatlas/node_modules/.package-lock.json cmd/clustermap/testdata/maplibre/node_modules/.package-lock.json \
geo/archive/testdata/peer/node_modules/.package-lock.json geo/tile/testdata/peer/node_modules/.package-lock.json \
geo/pyramid/testdata/peer/node_modules/.package-lock.json geo/draw/testdata/peer/node_modules/.package-lock.json: \
%/node_modules/.package-lock.json: %/package.json %/package-lock.json
	@echo "== npm ci ($*)"
	@cd $* && npm ci --no-audit --no-fund
	@touch $@

out/inputs/deb/usr/share/qgis:
	@echo "== Debian's qgis-common (Natural Earth)"
	@mkdir -p out/inputs
	@cd out/inputs && rm -f qgis-common_*.deb && \
	get='apt-get -o DPkg::Lock::Timeout=900 -o APT::Sandbox::User=root -qq'; \
	$$get download qgis-common || { $$get update; $$get download qgis-common; }; \
	dpkg-deb -x qgis-common_*.deb deb
	@touch $@

# The page is built before the Go tests, which open it in a browser.
web-test: web/node_modules/.package-lock.json
	@echo "== npm run check, npm test (web)"
	@cd web && npm run check && npm test
	@$(MAKE) -s web/dist/index.html

gofmt:
	@echo "== gofmt"
	@bad=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go')); \
	[ -z "$$bad" ] || { printf 'not formatted:\n%s\n' "$$bad" >&2; exit 1; }

vet:
	@echo "== go vet"
	@go vet ./...

staticcheck:
	@echo "== staticcheck"
	@go tool staticcheck ./...

go-test:
	@echo "== go test -race"
	@go test -race -shuffle=on -timeout 40m ./...

# --- measure, fuzz, compute, clean

.PHONY: conformance bench bench-npm golden fuzz atlas picture clean
# These tests are among those of make test too.
conformance: need-go
	@go test -count 1 -v -run 'TestConformance' ./cmd/clustermap

# The places and the peer of the benchmark of groups.
bench-npm: need-node geo/pyramid/testdata/peer/node_modules/.package-lock.json

# With KEEP=1 the numbers printed are kept in place of the old ones, with GOLDEN=share
# those of geo/stat/share alone.
golden: golden-apt out/golden/venv/requirements.txt
	@echo "== the numbers of R and Python, beside those kept"
	@out/golden/venv/bin/python geo/stat/testdata/golden.py $(if $(KEEP),--keep) $(GOLDEN:%=geo/stat/%/testdata)

out/golden/venv/requirements.txt: geo/stat/testdata/requirements.txt
	@echo "== PySAL and scikit-learn, in out/golden/venv"
	@python3 -m venv --clear out/golden/venv
	@out/golden/venv/bin/pip install --quiet --disable-pip-version-check -r $<
	@cp $< $@

bench: need-go need-node bench-apt bench-npm golden-apt out/golden/venv/requirements.txt web/dist/index.html
	@echo "== the parts"
	@go test -run '^$$' -bench '$(BENCH)' -skip '$(WHOLE)' -benchmem ./...
	@echo "== the whole, 1,000,000 features beside peers and PostGIS (some minutes)"
	@go test -run '^$$' -bench '$(WHOLE)' -benchtime 1x -timeout 60m ./geo ./geo/archive ./geo/pyramid ./geo/render ./geo/stat/... ./server ./cmd/clustermap

fuzz: need-go
	@for pkg in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
			echo "== $$pkg $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$pkg; \
		done; \
	done

atlas: need-go need-node inputs
	@echo "== computing the computed files of data/"
	@go run ./cmd/mkatlas -npm cmd/mkatlas/node_modules -deb out/inputs/deb data

picture: build
	@go test -count 1 -run TestReadmePicture ./cmd/clustermap
	@cp out/screenshots/readme.png data/picture.png

clean:
	rm -rf bin out web/node_modules cmd/mkatlas/node_modules cmd/clustermap/testdata/maplibre/node_modules geo/archive/testdata/peer/node_modules geo/tile/testdata/peer/node_modules geo/pyramid/testdata/peer/node_modules geo/draw/testdata/peer/node_modules
	find web/dist web/print -mindepth 1 ! -name .gitkeep -delete
