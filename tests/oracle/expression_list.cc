#include "tests/oracle/expression_list.h"

#include <fstream>

namespace bpfc::oracle {

std::vector<ListedExpression> read_expression_list(const std::string& name) {
  std::ifstream file(BPFC_SOURCE_DIR "/tests/data/" + name);
  std::vector<ListedExpression> list;
  for (std::string line; std::getline(file, line);) {
    const std::size_t tab = line.find('\t');
    if (tab != std::string::npos && line[0] != '#') {
      list.push_back({line.substr(0, tab), line.substr(tab + 1)});
    }
  }
  return list;
}

std::vector<std::string> read_expressions(const std::string& name, const std::string& link_type) {
  std::vector<std::string> expressions;
  for (ListedExpression& listed : read_expression_list(name)) {
    if (listed.link_type == link_type) {
      expressions.push_back(std::move(listed.text));
    }
  }
  return expressions;
}

}  // namespace bpfc::oracle
