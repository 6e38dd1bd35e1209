// gradient DATA.json SEED SECONDS -- seconds that one gradient of a Stan model takes in Stan itself, on one core.
//
// Linked with what stanc makes of the model, against Stan's headers. Points are uniform on (-1, 1), smaller where the
// density is not finite there. Prints {"seconds": median of 9 rounds, "elements": ..., "version": "2.35.0"}.
#include <stan/version.hpp>
#include <stan/model/model_header.hpp>
#include <stan/io/json/json_data.hpp>

#include <algorithm>
#include <chrono>
#include <random>

stan::model::model_base& new_model(stan::io::var_context&, unsigned int, std::ostream*);

static double evaluate(stan::model::model_base& model, const Eigen::VectorXd& x, Eigen::VectorXd& gradient) {
  stan::math::nested_rev_autodiff nested;
  Eigen::Matrix<stan::math::var, -1, 1> v = x.cast<stan::math::var>();
  stan::math::var lp = model.log_prob_propto_jacobian(v, nullptr);
  lp.grad();
  gradient = v.adj();
  return lp.val();
}

int main(int argc, char** argv) try {
  if (argc != 4) throw std::runtime_error("usage: gradient DATA.json SEED SECONDS");
  std::ifstream file(argv[1]);
  stan::json::json_data data(file);
  stan::model::model_base& model = new_model(data, 1, &std::cerr);
  std::mt19937_64 random(std::stoul(argv[2]));
  Eigen::VectorXd x(model.num_params_r()), gradient;
  double scale = 1, spent = std::stod(argv[3]) / 9;
  for (bool good = false; !good && scale > 1e-9; scale /= 2) {
    for (int i = 0; i < x.size(); i++) x[i] = scale * std::uniform_real_distribution<>(-1, 1)(random);
    try {
      good = std::isfinite(evaluate(model, x, gradient)) && gradient.allFinite();
    } catch (const std::domain_error&) {
    }
  }
  std::vector<double> rounds;
  for (int round = 0; round < 9; round++) {
    using clock = std::chrono::steady_clock;
    auto begun = clock::now();
    std::chrono::duration<double> taken{};
    long n = 0;
    do {
      evaluate(model, x, gradient);
      n++;
      taken = clock::now() - begun;
    } while (taken.count() < spent);
    rounds.push_back(taken.count() / n);
  }
  std::nth_element(rounds.begin(), rounds.begin() + 4, rounds.end());
  std::cout << "{\"seconds\": " << rounds[4] << ", \"elements\": " << x.size() << ", \"version\": \""
            << stan::MAJOR_VERSION << "." << stan::MINOR_VERSION << "." << stan::PATCH_VERSION << "\"}\n";
  return 0;
} catch (const std::exception& e) {
  std::cerr << "gradient: " << e.what() << "\n";
  return 1;
}
