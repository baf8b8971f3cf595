#include "cli/argument_split.h"

#include <string_view>

namespace bpfc::cli {
namespace {

bool takes_value(const CLI::App& app, const std::string& name) {
  const CLI::Option* option = app.get_option_no_throw(name);
  return option != nullptr && option->get_items_expected_min() > 0;
}

// Whether the value of the last option in a cluster such as `-dOy` is the next argument.
bool cluster_needs_next(const CLI::App& app, std::string_view cluster) {
  for (std::size_t i = 1; i < cluster.size(); ++i) {
    if (takes_value(app, {'-', cluster[i]})) return i + 1 == cluster.size();
  }
  return false;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

SplitArguments split_arguments(const CLI::App& app, int argument_count,
                               const char* const* arguments) {
  SplitArguments split;
  for (int i = 0; i < argument_count; ++i) {
    const std::string argument = arguments[i];
    if (argument == "--") {
      split.words.insert(split.words.end(), arguments + i + 1, arguments + argument_count);
      break;
    }
    if (argument.size() < 2 || argument.front() != '-') {
      split.words.push_back(argument);
      continue;
    }
    if (argument.starts_with("-W")) {
      split.warnings.push_back(argument.substr(2));
      // tcpdump takes -W with a number, so that is not the beginning of a filter.
      const bool number_follows =
          split.warnings.back().empty() && i + 1 < argument_count && is_number(arguments[i + 1]);
      if (number_follows) split.warnings.back() = arguments[++i];
      continue;
    }
    const bool is_long = argument[1] == '-';
    const std::size_t equals = is_long ? argument.find('=') : std::string::npos;
    const std::string name = argument.substr(0, equals);
    // CLI11 takes `--name=` for an option whose value is the next argument.
    if (equals + 1 == argument.size() && takes_value(app, name)) {
      split.options.insert(split.options.end(), {name, ""});
      continue;
    }
    split.options.push_back(argument);
    const bool needs_next = is_long ? equals == std::string::npos && takes_value(app, name)
                                    : cluster_needs_next(app, argument);
    if (needs_next && i + 1 < argument_count) split.options.emplace_back(arguments[++i]);
  }
  return split;
}

}  // namespace bpfc::cli
