#!/bin/sh
# docs/r.md runs, where R and the packages that it names are installed; the draws are those of the file.
set -u
command -v Rscript >/dev/null || { echo "no R: skipped"; exit 77; }
Rscript -e 'for (p in c("ncdf4", "posterior")) if (!requireNamespace(p, quietly = TRUE)) quit(status = 1)' \
  >/dev/null 2>&1 || { echo "no ncdf4 and posterior for R: skipped"; exit 77; }
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
awk '/^```/ { if (inside) { inside = 0; print "" } else if (marked && $0 == "```r") inside = 1
              marked = 0; next }
     inside { print; next }
     /^<!--/ { marked = $0 == "<!-- test: R -->" }' "$srcdir/docs/r.md" >page.R
cat >>page.R <<'R'
means <- sapply(1:3, function(k) mean(draws[, , paste0("theta[", k, "]")]))
stopifnot(max(abs(means - tapply(frame$y, frame$school, mean))) < 0.1, dim(draws) == c(1000, 4, 5))
# Written to full precision: one value comes back bit for bit.
writeLines("data { real x; matrix[2, 3] m; array[1] int k; array[2, 1] real b; } parameters { real a; }
            model { a ~ normal(0, 1); }
            generated quantities { real y = x; matrix[2, 3] n = m; array[2, 1] real c = b; int l = k[1]; }", "exact.stan")
m <- matrix(c(0.1, 1 / 3, 3, 4, 5, 6), 2)
back <- masting_sample("exact.stan", list(x = 0.1 + 0.2, m = m, k = array(7L, 1), b = matrix(c(8, 9), 2)), draws = 2, chains = 1)
at <- function(name) as.vector(back[1, 1, name])
stopifnot(at("y") == 0.1 + 0.2, at("n[2,1]") == 1 / 3, at("n[1,3]") == 5, at("c[2,1]") == 9, at("l") == 7)
refused <- try(masting_sample("schools.stan", list(y = c(1, NA))), silent = TRUE)
stopifnot(inherits(refused, "try-error"), grepl("missing values", refused))
cat("all well\n")
R
OMP_NUM_THREADS=1 Rscript page.R >out 2>&1 && grep -q 'all well' out || { cat out; exit 1; }
