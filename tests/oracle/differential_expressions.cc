#include "tests/oracle/differential_expressions.h"

#include <random>

#include "tests/oracle/engine_set.h"
#include "tests/oracle/expression_generator.h"
#include "tests/oracle/expression_list.h"
#include "tests/oracle/libpcap_judge.h"
#include "tests/oracle/link_types.h"

namespace bpfc::oracle {

std::vector<std::string> differential_combinations(const std::string& link_type, int count) {
  std::vector<std::string> primitives = read_expressions("expressions.txt", link_type);
  for (std::string& primitive : primitives) {
    primitive = "(" + primitive + ")";
  }
  const int number = link_type_numbers().at(link_type);
  for (const std::string& primitive : generated_primitives()) {
    if (libpcap_compile(primitive, {number, 262144, kTestNetmask, false})) {
      primitives.push_back("(" + primitive + ")");
    }
  }
  std::mt19937 random(kCombinationSeed);
  std::vector<std::string> expressions;
  for (int i = 0; i < count; ++i) {
    expressions.push_back(random_combination(primitives, random, 5));
  }
  return expressions;
}

}  // namespace bpfc::oracle
