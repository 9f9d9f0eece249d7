// {pdf: [path, ...], rules: [{object, tags, specification, clause, test, is_deferred, condition, description}, ...], variables: [{name, object, start, value}, ...]}
// -> for each file what veraPDF has against it: {page, checks, faults: ["7.1-3: rule at place", ...]}.
//
// For the shell of Rhino, which comes in one jar with veraPDF: java -cp JAR org.mozilla.javascript.tools.shell.Main verapdf.js
// (That jar has no JAXB, by which veraPDF reads its rules; so they are given.)

importPackage(Packages.org.verapdf.pdfa, Packages.org.verapdf.pdfa.flavours, Packages.org.verapdf.pdfa.validation.profiles);

var asked = JSON.parse(String(new java.lang.String(java.lang.System["in"].readAllBytes(), "UTF-8")));

java.util.logging.LogManager.getLogManager().reset();
Packages.org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider.initialise();
var foundry = Foundries.defaultInstance();
var flavour = PDFAFlavour.PDFUA_1;

function setOf(items) {
  return new java.util.HashSet(java.util.Arrays.asList(items));
}

var profile = Profiles.profileFromValues(flavour, Profiles.defaultProfile().getDetails(), "", setOf(asked.rules.map(function (rule) {
  var id = Profiles.ruleIdFromValues(PDFAFlavour.Specification.valueOf(rule.specification), rule.clause, rule.test);
  var error = Profiles.errorFromValues(rule.description, java.util.Collections.emptyList());
  return Profiles.ruleFromValues(id, rule.object, rule.is_deferred, rule.tags, rule.description, rule.condition, error, java.util.Collections.emptyList());
})), setOf(asked.variables.map(function (each) {
  return Profiles.variableFromValues(each.name, each.object, each.start, each.value);
})));

function judged(page) {
  var parser = foundry.createParser(new java.io.File(page), flavour);
  var validator = foundry.createValidator(profile, false);
  try {
    var result = validator.validate(parser);
    var faults = result.getTestAssertions().toArray().map(function (found) {
      return found.getRuleId().getClause() + "-" + found.getRuleId().getTestNumber() + ": " + found.getMessage() + " at " + found.getLocation().getContext();
    });
    return { page: page, checks: Number(result.getTotalAssertions()), faults: faults };
  } finally {
    validator.close();
    parser.close();
  }
}

print(JSON.stringify(asked.pdf.map(judged)));
