#!/bin/sh
# In the CQL engine for Java 1 mg and 500 ug are together 501 mg, and how long 20 mL last at 2 mL/d is 10 mL.
#
# Software: info.cqframework cql-to-elm and engine 3.29.0 (Maven), with the UCUM service of org.fhir:ucum that comes with them, seen on 2026-11-29 with Java 17.
# Guess:    an engine that has a UCUM service, and converts with it when it is asked to, brings two doses to one unit before it adds them, as CQL says, or answers null, as it
#           does when it cannot compare; a quotient has the unit of the quotient.
# Seen:     the numbers are added and the unit of the first is put behind them, wherever the amounts stand: +, Sum and Avg. Max is the greatest or not by the order of the list,
#           and so is what comes first of a sorted one. A quotient and a product have the unit of the first, too. Asked whether 1 mg is more than
#           500 ug the engine says null, so that a filter drops the dose, while a sum of 501 mg for 1.5 is kept.
# So:       in CQL bring every amount to one unit by name (convert X to 'ug') before it is added or compared, take quotients of the bare values, and try each expression with
#           two units.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>ask</groupId><artifactId>ask</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>info.cqframework</groupId><artifactId>cql-to-elm</artifactId><version>3.29.0</version></dependency>
    <dependency><groupId>info.cqframework</groupId><artifactId>engine</artifactId><version>3.29.0</version></dependency>
    <dependency><groupId>info.cqframework</groupId><artifactId>elm-jackson</artifactId><version>3.29.0</version></dependency>
    <dependency><groupId>info.cqframework</groupId><artifactId>model-jackson</artifactId><version>3.29.0</version></dependency>
  </dependencies>
</project>
XML
mvn --quiet --batch-mode -Dmaven.repo.local="$folder/repository" dependency:copy-dependencies -DoutputDirectory=lib >/dev/null
cat >asked <<'TXT'
convert 500 'ug' to 'mg'
1 'mg' + convert 500 'ug' to 'mg'
1 'mg' + 500 'ug'
500 'ug/d' + 0.5 'mg/d'
Sum({ 1 'mg', 500 'ug' })
Avg({ 1 'mg', 500 'ug' })
Max({ 500 'ug', 1 'mg' })
Max({ 1 'mg', 500 'ug' })
({ 1 'mg', 500 'ug', 2 'mg' }) X sort asc
20 'mL' / 2 'mL/d'
0.5 'mL/d' * 2 'mg/mL'
1 'mg' > 500 'ug'
TXT
cat >Ask.java <<'JAVA'
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.cqframework.cql.cql2elm.CqlCompilerOptions;
import org.cqframework.cql.cql2elm.LibraryManager;
import org.cqframework.cql.cql2elm.LibrarySourceProvider;
import org.cqframework.cql.cql2elm.ModelManager;
import org.fhir.ucum.UcumEssenceService;
import org.hl7.elm.r1.VersionedIdentifier;
import org.opencds.cqf.cql.engine.execution.CqlEngine;
import org.opencds.cqf.cql.engine.execution.Environment;

public class Ask {
  public static void main(String[] none) throws Exception {
    var models = new ModelManager();
    var units = new UcumEssenceService(Ask.class.getResourceAsStream("/ucum-essence.xml"));
    for (String asked : Files.readAllLines(Path.of("asked"))) {
      String text = "library Ask version '1'\ncontext Unfiltered\ndefine Answer: " + asked + "\n";
      var libraries = new LibraryManager(models, CqlCompilerOptions.defaultOptions());
      libraries.setUcumService(units);
      libraries.getLibrarySourceLoader().registerProvider(new LibrarySourceProvider() {
        @Override
        public InputStream getLibrarySource(VersionedIdentifier name) {
          return new ByteArrayInputStream(text.getBytes());
        }
      });
      var ask = new VersionedIdentifier().withId("Ask").withVersion("1");
      var answer = new CqlEngine(new Environment(libraries)).evaluate(ask, Set.of("Answer")).forExpression("Answer").value();
      System.out.println(asked + ": " + answer);
    }
  }
}
JAVA
cat >expected <<'TXT'
convert 500 'ug' to 'mg': 0.50 'mg'
1 'mg' + convert 500 'ug' to 'mg': 1.50 'mg'
1 'mg' + 500 'ug': 501 'mg'
500 'ug/d' + 0.5 'mg/d': 500.5 'ug/d'
Sum({ 1 'mg', 500 'ug' }): 501 'mg'
Avg({ 1 'mg', 500 'ug' }): 250.5 'mg'
Max({ 500 'ug', 1 'mg' }): 500 'ug'
Max({ 1 'mg', 500 'ug' }): 1 'mg'
({ 1 'mg', 500 'ug', 2 'mg' }) X sort asc: [2 'mg', 500 'ug', 1 'mg']
20 'mL' / 2 'mL/d': 10 'mL'
0.5 'mL/d' * 2 'mg/mL': 1.0 'mL/d'
1 'mg' > 500 'ug': null
TXT
java -cp "lib/*" Ask.java 2>log | tee seen
diff expected seen
