#!/bin/sh
# Of a ValueSet that shuts retired codes out HAPI's terminology says that they are in it, and of one that is bound to a version that it does not have it says yes and no.
#
# Software: HAPI FHIR 8.8.0 (hapi-fhir-validation, its in-memory terminology, Maven), seen on 2026-11-29 with Java 17, R4.
# Guess:    compose.inactive false leaves out the code that the CodeSystem marks as inactive; an exclude by a property of the code excludes; a filter that is not understood is
#           an error, as one on a code system that is not there is; and without the version that the ValueSet names no code is judged.
# Seen:     compose.inactive is not looked at. A filter on a property that the CodeSystem declares matches no code, without an error: an exclude by it excludes nothing, and an
#           include by it is an empty set, in which no code is found. Excluding by code works, and so does a filter on concept (is-a). Bound to version 1, with version 2
#           loaded, the ValueSet cannot be expanded, but validateCode says yes to every code of version 2, and not a word on the version.
# So:       before trusting a ValueSet in HAPI ask it for a code that must not be in, and for the version it was made for; what is retired is excluded by code, or in an expansion
#           made elsewhere.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>ask</groupId><artifactId>ask</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>ca.uhn.hapi.fhir</groupId><artifactId>hapi-fhir-validation</artifactId><version>8.8.0</version></dependency>
    <dependency><groupId>ca.uhn.hapi.fhir</groupId><artifactId>hapi-fhir-structures-r4</artifactId><version>8.8.0</version></dependency>
    <dependency><groupId>ca.uhn.hapi.fhir</groupId><artifactId>hapi-fhir-caching-caffeine</artifactId><version>8.8.0</version></dependency>
  </dependencies>
</project>
XML
mvn --quiet --batch-mode -Dmaven.repo.local="$folder/repository" dependency:copy-dependencies -DoutputDirectory=lib >/dev/null
cat >Ask.java <<'JAVA'
import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.ConceptValidationOptions;
import ca.uhn.fhir.context.support.ValidationSupportContext;
import ca.uhn.fhir.context.support.ValueSetExpansionOptions;
import java.util.stream.Collectors;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.ValueSet;

public class Ask {
  static final FhirContext R4 = FhirContext.forR4();
  static final String SYSTEM = "https://example.org/pumps";
  // version 1 had p10; version 2 has p20, p40 and p18, which is retired
  static final String PUMPS = "{'resourceType':'CodeSystem','url':'" + SYSTEM + "','version':'2','status':'active','caseSensitive':true,'content':'complete','property':["
      + "{'code':'status','uri':'http://hl7.org/fhir/concept-properties#status','type':'code'},"
      + "{'code':'inactive','uri':'http://hl7.org/fhir/concept-properties#inactive','type':'boolean'},{'code':'maker','type':'string'}],'concept':["
      + "{'code':'p18','display':'pump of 18 mL','property':[{'code':'status','valueCode':'retired'},{'code':'inactive','valueBoolean':true},{'code':'maker','valueString':'A'}]},"
      + "{'code':'p20','display':'pump of 20 mL','property':[{'code':'status','valueCode':'active'},{'code':'inactive','valueBoolean':false},{'code':'maker','valueString':'A'}]},"
      + "{'code':'p40','display':'pump of 40 mL','property':[{'code':'status','valueCode':'active'},{'code':'inactive','valueBoolean':false},{'code':'maker','valueString':'B'}]}]}";

  static Resource read(String json) {
    return (Resource) R4.newJsonParser().parseResource(json.replace('\'', '"'));
  }

  static void tell(String what, String compose) {
    var held = new PrePopulatedValidationSupport(R4);
    var set = (ValueSet) read("{'resourceType':'ValueSet','url':'https://example.org/set','status':'active','compose':{" + compose + "}}");
    held.addCodeSystem(read(PUMPS));
    held.addValueSet(set);
    var chain = new ValidationSupportChain(held, new InMemoryTerminologyServerValidationSupport(R4));
    var context = new ValidationSupportContext(chain);
    StringBuilder valid = new StringBuilder();
    for (String code : new String[] {"p10", "p18", "p20", "p40"}) {
      if (chain.validateCode(context, new ConceptValidationOptions(), SYSTEM, code, null, set.getUrl()).isOk()) valid.append(" ").append(code);
    }
    var expanded = chain.expandValueSet(context, new ValueSetExpansionOptions(), set);
    String codes = expanded.getValueSet() == null ? " an error" : ((ValueSet) expanded.getValueSet()).getExpansion().getContains().stream().map(found -> " " + found.getCode()).sorted().collect(Collectors.joining());
    System.out.println(what + ": valid" + valid + "; expanded" + codes);
  }

  static String exclude(String filter) {
    return "'include':[{'system':'" + SYSTEM + "'}],'exclude':[{'system':'" + SYSTEM + "'," + filter + "}]";
  }

  static String where(String property, String op, String value) {
    return "'filter':[{'property':'" + property + "','op':'" + op + "','value':'" + value + "'}]";
  }

  public static void main(String[] none) {
    tell("all", "'include':[{'system':'" + SYSTEM + "'}]");
    tell("inactive false", "'inactive':false,'include':[{'system':'" + SYSTEM + "'}]");
    tell("all but status = retired", exclude(where("status", "=", "retired")));
    tell("all but inactive = true", exclude(where("inactive", "=", "true")));
    tell("all but maker = A", exclude(where("maker", "=", "A")));
    tell("maker = A", "'include':[{'system':'" + SYSTEM + "'," + where("maker", "=", "A") + "}]");
    tell("all but concept is-a p18", exclude(where("concept", "is-a", "p18")));
    tell("all but p18", exclude("'concept':[{'code':'p18'}]"));
    tell("version 1", "'include':[{'system':'" + SYSTEM + "','version':'1'}]");
    tell("version 2", "'include':[{'system':'" + SYSTEM + "','version':'2'}]");
    tell("of a system that is not there, filtered", "'include':[{'system':'https://example.org/none'," + where("maker", "=", "A") + "}]");
  }
}
JAVA
cat >expected <<'TXT'
all: valid p18 p20 p40; expanded p18 p20 p40
inactive false: valid p18 p20 p40; expanded p18 p20 p40
all but status = retired: valid p18 p20 p40; expanded p18 p20 p40
all but inactive = true: valid p18 p20 p40; expanded p18 p20 p40
all but maker = A: valid p18 p20 p40; expanded p18 p20 p40
maker = A: valid; expanded
all but concept is-a p18: valid p20 p40; expanded p20 p40
all but p18: valid p20 p40; expanded p20 p40
version 1: valid p18 p20 p40; expanded an error
version 2: valid p18 p20 p40; expanded p18 p20 p40
of a system that is not there, filtered: valid; expanded an error
TXT
java -cp "lib/*" Ask.java 2>log | tee seen
diff expected seen
