# tests/brms/make_programs.R -- writes programs and data as brms makes them, for compare.py.
#
#   Rscript make_programs.R FOLDER
#
# needs brms (2.18 or later) and jsonlite. For every case NAME: FOLDER/NAME.stan, FOLDER/NAME.json (data in Stan's
# JSON) and FOLDER/NAME.truth.json (the values that made the data, by the parameter's name, where they are comparable). What
# brms writes is under brms's licence: it stays in FOLDER.
suppressPackageStartupMessages(library(brms))
library(jsonlite)

folder <- commandArgs(trailingOnly = TRUE)[1]
if (is.na(folder)) stop("usage: Rscript make_programs.R FOLDER")
dir.create(folder, showWarnings = FALSE, recursive = TRUE)
only <- commandArgs(trailingOnly = TRUE)[-1]

# A scalar stays a scalar; an array keeps its dimensions, also when one of them is 1.
as_json <- function(x) {
  if (is.null(dim(x)) && length(x) == 1) return(unbox(as.vector(x)))
  if (!is.null(dim(x)) && length(dim(x)) == 1) return(as.vector(x))
  x
}

write_case <- function(name, formula, data, family, truth = list(), ...) {
  if (length(only) && !name %in% only) return(invisible())
  code <- make_stancode(formula, data = data, family = family, ...)
  values <- make_standata(formula, data = data, family = family, ...)
  writeLines(as.character(code), file.path(folder, paste0(name, ".stan")))
  write_json(lapply(unclass(values), as_json), file.path(folder, paste0(name, ".json")),
             digits = NA, auto_unbox = FALSE)
  write_json(truth, file.path(folder, paste0(name, ".truth.json")), digits = NA, auto_unbox = TRUE)
}

set.seed(20260301)
n <- 600
d <- data.frame(x = rnorm(n), z = runif(n, -1, 1), g = factor(sample(30, n, TRUE)),
                h = factor(sample(12, n, TRUE)), f = factor(sample(letters[1:4], n, TRUE)))
eta <- with(d, 0.5 + 0.8 * x - 0.6 * z)
u <- rnorm(30, 0, 0.7)[d$g]
v <- rnorm(12, 0, 0.4)[d$h]

# ---- one family each
d$y <- eta + rnorm(n, 0, 0.9)
write_case("gaussian", y ~ x + z, d, gaussian(),
           list(b = c(0.8, -0.6), b_Intercept = 0.5, sigma = 0.9))
write_case("gaussian_noglm", y ~ x + z + (1 | g), d, gaussian())
d$b <- rbinom(n, 1, plogis(eta))
write_case("bernoulli", b ~ x + z, d, bernoulli(), list(b = c(0.8, -0.6), b_Intercept = 0.5))
write_case("bernoulli_probit", b ~ x + z, d, bernoulli("probit"))
d$p <- rpois(n, exp(eta))
write_case("poisson", p ~ x + z, d, poisson(), list(b = c(0.8, -0.6), b_Intercept = 0.5))
d$nb <- rnbinom(n, mu = exp(eta), size = 2.5)
write_case("negbinomial", nb ~ x + z, d, negbinomial(),
           list(b = c(0.8, -0.6), b_Intercept = 0.5, shape = 2.5))
d$t <- eta + 0.5 * rt(n, 4)
write_case("student", t ~ x + z, d, student(),
           list(b = c(0.8, -0.6), b_Intercept = 0.5, sigma = 0.5, nu = 4))
d$o <- as.integer(cut(0.8 * d$x - 0.6 * d$z + rlogis(n), c(-Inf, -1, 0.2, 1.5, Inf)))
write_case("cumulative", o ~ x + z, d, cumulative(), list(b = c(0.8, -0.6), Intercept = NULL))
write_case("cumulative_group", o ~ x + (1 | g), d, cumulative("probit"))
write_case("sratio_cs", o ~ x + cs(z), d, sratio())
write_case("acat", o ~ x + z, d, acat())
d$w <- rweibull(n, shape = 1.6, scale = exp(eta) / gamma(1 + 1 / 1.6))
d$cens <- ifelse(d$w > 3, "right", "none")
d$w <- pmin(d$w, 3)
write_case("weibull_cens", w | cens(cens) ~ x + z, d, weibull(),
           list(b = c(0.8, -0.6), b_Intercept = 0.5, shape = 1.6))
d$zi <- ifelse(runif(n) < 0.3, 0L, d$p)
write_case("zero_inflated_poisson", zi ~ x + z, d, zero_inflated_poisson(),
           list(b = c(0.8, -0.6), b_Intercept = 0.5, zi = 0.3))
write_case("zero_inflated_predicted", bf(zi ~ x + (1 | g), zi ~ z), d, zero_inflated_negbinomial())
d$hu <- ifelse(runif(n) < 0.35, 0L, qpois(runif(n, ppois(0, exp(eta)), 1), exp(eta)))
write_case("hurdle_poisson", hu ~ x + z, d, hurdle_poisson(),
           list(b = c(0.8, -0.6), b_Intercept = 0.5, hu = 0.35))
d$hg <- ifelse(runif(n) < 0.35, 0, rgamma(n, 2, 2 / exp(eta)))
write_case("hurdle_gamma", hg ~ x + z, d, hurdle_gamma("log"))
d$be <- pmin(pmax(rbeta(n, 6 * plogis(eta), 6 * plogis(-eta)), 1e-6), 1 - 1e-6)
write_case("beta", be ~ x + z, d, Beta(), list(b = c(0.8, -0.6), b_Intercept = 0.5, phi = 6))
d$ga <- rgamma(n, 3, 3 / exp(eta))
write_case("gamma", ga ~ x + z, d, Gamma("log"),
           list(b = c(0.8, -0.6), b_Intercept = 0.5, shape = 3))
d$ca <- factor(apply(cbind(0, 0.3 + 0.7 * d$x, -0.4 + 0.9 * d$z), 1,
                     function(e) sample(3, 1, prob = exp(e))))
write_case("categorical", ca ~ x + z, d, categorical(),
           list(b_mu2 = c(0.7, 0), b_mu3 = c(0, 0.9), b_mu2_Intercept = 0.3,
                b_mu3_Intercept = -0.4))
d$size <- sample(5:20, n, TRUE)
d$bi <- rbinom(n, d$size, plogis(eta))
write_case("binomial", bi | trials(size) ~ x + (1 | g), d, binomial())
d$ln <- rlnorm(n, eta, 0.5)
write_case("lognormal", ln ~ x + z, d, lognormal(),
           list(b = c(0.8, -0.6), b_Intercept = 0.5, sigma = 0.5))
write_case("skew_normal", y ~ x, d, skew_normal())
write_case("exgaussian", t ~ x, d, exgaussian())
write_case("von_mises", a ~ x, transform(d, a = pmin(pmax(2 * atan(0.3 * x) + rnorm(n, 0, 0.3), -3), 3)),
           von_mises())
write_case("asym_laplace", bf(y ~ x, quantile = 0.3), d, asym_laplace())

# ---- groups
sl <- rnorm(30, 0, 0.5)[d$g]
d$m <- eta + u + sl * d$x + rnorm(n, 0, 0.8)
write_case("slopes", m ~ x + z + (1 + x | g), d, gaussian(),
           list(b = c(0.8, -0.6), sigma = 0.8))
d$cr <- rbinom(n, 1, plogis(eta + u + v))
write_case("crossed", cr ~ x + z + (1 | g) + (1 | h), d, bernoulli(), list(b = c(0.8, -0.6)))
write_case("slopes_poisson", pg ~ x + (1 + x | g) + (1 | h), transform(d, pg = rpois(n, exp(eta + u / 2))),
           poisson())
write_case("group_student", y ~ x + (1 | gr(g, dist = "student")), d, gaussian())
write_case("group_by", y ~ x + (1 | gr(g, by = by)),
           transform(d, by = factor(as.integer(g) %% 2)), gaussian())
write_case("multimember", y ~ x + (1 | mm(g1, g2)),
           transform(d, g1 = g, g2 = sample(g)), gaussian())

# ---- terms
d$s <- sin(2 * d$x) + rnorm(n, 0, 0.4)
write_case("spline", s ~ s(x) + z, d, gaussian(), list(sigma = 0.4))
write_case("spline_by", s ~ s(x, by = f) + t2(x, z), d, gaussian())
small <- d[1:200, ]
write_case("gp", s ~ gp(x), small, gaussian())
write_case("gp_approximate", s ~ gp(x, k = 12, c = 5 / 4), d, gaussian())
e <- as.vector(arima.sim(list(ar = 0.6), n, sd = 0.5))
d$time <- seq_len(n)
d$a <- eta + e
write_case("ar", a ~ x + z + ar(time, p = 1), d, gaussian(),
           list(b = c(0.8, -0.6), sigma = 0.5, ar = 0.6))
write_case("arma_cov", a ~ x + ar(time, gr = g, p = 1, cov = TRUE),
           transform(d, time = ave(seq_len(n), g, FUN = seq_along)), gaussian())
d$inc <- sample(0:3, n, TRUE)
d$mo <- 0.5 + 0.6 * 3 * c(0, 0.5, 0.8, 1)[d$inc + 1] + 0.8 * d$x + rnorm(n, 0, 0.7)
write_case("monotonic", mo ~ x + mo(inc), d, gaussian(), list(b = 0.8, bsp = 0.6, sigma = 0.7))
k <- rbinom(n, 1, 0.4)
d$mi <- ifelse(k == 1, rnorm(n, -2, 0.8), rnorm(n, 3 + 0.5 * d$x, 1))
write_case("mixture", bf(mi ~ 1, mu2 ~ x), d, mixture(gaussian, gaussian),
           prior = prior(normal(-2, 2), Intercept, dpar = mu1) +
             prior(normal(3, 2), Intercept, dpar = mu2))
d$y2 <- 0.4 * d$y - 0.3 * d$x + rnorm(n, 0, 0.5)
write_case("multivariate", bf(mvbind(y, y2) ~ x + z) + set_rescor(TRUE), d, gaussian())
write_case("multivariate_group", bf(mvbind(y, y2) ~ x + (1 | i | g)) + set_rescor(FALSE), d, gaussian())
d$hs <- eta + rnorm(n, 0, exp(-0.5 + 0.4 * d$x))
write_case("distributional", bf(hs ~ x + z, sigma ~ x), d, gaussian(),
           list(b = c(0.8, -0.6), b_Intercept = 0.5, b_sigma = 0.4, b_sigma_Intercept = -0.5))
d$ex <- runif(n, 1, 9)
d$of <- rpois(n, d$ex * exp(eta - 1))
write_case("offset", of ~ x + z + offset(log(ex)), d, poisson(),
           list(b = c(0.8, -0.6), b_Intercept = -0.5))
write_case("rate", of | rate(ex) ~ x, d, negbinomial())
write_case("weights", y | weights(ex) ~ x + z, d, gaussian())
write_case("subset_se", y | se(ex, sigma = TRUE) ~ x + (1 | g), transform(d, ex = ex / 10), gaussian())
d$miss <- d$x
d$miss[sample(n, 60)] <- NA
write_case("missing", bf(y ~ mi(miss) + z) + bf(miss | mi() ~ z) + set_rescor(FALSE), d, gaussian(),
           list(bsp_y = 0.8, b_y = -0.6, sigma_y = 0.9))
write_case("measured", y ~ me(x, se) + z, transform(d, se = 0.2), gaussian())
tr <- d[d$y > -0.5, ]
write_case("truncated", y | trunc(lb = -0.5) ~ x + z, tr, gaussian(),
           list(b = c(0.8, -0.6), b_Intercept = 0.5, sigma = 0.9))
write_case("truncated_poisson", p | trunc(ub = 8) ~ x, d[d$p <= 8, ], poisson())
write_case("interval_cens", y | cens(ce, up) ~ x,
           transform(d, ce = sample(c("none", "left", "right", "interval"), n, TRUE), up = y + 0.5),
           gaussian())
write_case("sample_prior", y ~ x + z + (1 | g), d, gaussian(), sample_prior = "yes",
           prior = prior(normal(0, 2), b) + prior(exponential(1), sd))
write_case("prior_only", y ~ x + z, d, gaussian(), sample_prior = "only",
           prior = prior(normal(0, 2), b))
X <- matrix(rnorm(n * 20), n)
colnames(X) <- paste0("k", 1:20)
wide <- data.frame(y = as.vector(X[, 1:3] %*% c(1.5, -1, 0.7)) + rnorm(n), X)
write_case("horseshoe", y ~ ., wide, gaussian(), prior = prior(horseshoe(1), b))
write_case("lasso_ridge", y ~ ., wide, gaussian(), prior = prior(normal(0, 0.5), b))
write_case("r2d2", y ~ ., wide, gaussian(), prior = prior(R2D2(0.5, 5), b))
write_case("nonlinear", bf(nl ~ alpha * exp(-k * ex), alpha ~ 1 + (1 | g), k ~ 1, nl = TRUE),
           transform(d, nl = (3 + u / 3) * exp(-0.3 * ex) + rnorm(n, 0, 0.1)), gaussian(),
           prior = prior(normal(3, 1), nlpar = alpha) + prior(normal(0.5, 0.3), nlpar = k, lb = 0))
write_case("threaded", y ~ x + z + (1 | g), d, gaussian(), threads = threading(2))
