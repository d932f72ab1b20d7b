#!/bin/sh
# Converted from R4 to R5 by HAPI a pump belongs to nobody, while the status of a medication, which R5 does not know either, survives.
#
# Software: HAPI FHIR 8.8.0, its org.hl7.fhir.convertors 6.7.9 (Maven), seen on 2026-11-29 with Java 17; R4 to R5 and back.
# Guess:    R5 took Device.patient away (DeviceAssociation has it), so the convertor keeps the reference as an extension and gives it back in R4, or says that it cannot.
# Seen:     Device.patient and statusReason are dropped: no extension, no DeviceAssociation, no error, and the way back brings no patient either. A statement's status, which R5
#           has no codes for, is kept just so: as an extension, from which R4 gets it back ("recorded" in R5, whatever it was).
# So:       behind such a gateway no search for the patient's devices finds the pump, and in R5 "recorded" does not mean taken. Ask for R4 where the server has it.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>ask</groupId><artifactId>ask</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>ca.uhn.hapi.fhir</groupId><artifactId>hapi-fhir-converter</artifactId><version>8.8.0</version></dependency>
    <dependency><groupId>ca.uhn.hapi.fhir</groupId><artifactId>hapi-fhir-structures-r4</artifactId><version>8.8.0</version></dependency>
    <dependency><groupId>ca.uhn.hapi.fhir</groupId><artifactId>hapi-fhir-structures-r5</artifactId><version>8.8.0</version></dependency>
  </dependencies>
</project>
XML
mvn --quiet --batch-mode -Dmaven.repo.local="$folder/repository" dependency:copy-dependencies -DoutputDirectory=lib >/dev/null
cat >Ask.java <<'JAVA'
import ca.uhn.fhir.context.FhirContext;
import org.hl7.fhir.convertors.factory.VersionConvertorFactory_40_50;

public class Ask {
  static final FhirContext R4 = FhirContext.forR4(), R5 = FhirContext.forR5();

  static void tell(String json) {
    var given = (org.hl7.fhir.r4.model.Resource) R4.newJsonParser().parseResource(json.replace('\'', '"'));
    var made = VersionConvertorFactory_40_50.convertResource(given);
    System.out.println("R5 " + R5.newJsonParser().encodeResourceToString(made));
    System.out.println("R4 " + R4.newJsonParser().encodeResourceToString(VersionConvertorFactory_40_50.convertResource(made)));
  }

  public static void main(String[] none) {
    tell("{'resourceType':'Device','status':'active','statusReason':[{'text':'online'}],'serialNumber':'0012','type':{'text':'pump'},'patient':{'reference':'Patient/p'}}");
    for (String status : new String[] {"stopped", "not-taken"}) {
      tell("{'resourceType':'MedicationStatement','status':'" + status + "','medicationCodeableConcept':{'text':'baclofen'},'subject':{'reference':'Patient/p'}}");
    }
  }
}
JAVA
cat >expected <<'TXT'
R5 {"resourceType":"Device","status":"active","serialNumber":"0012","type":[{"text":"pump"}]}
R4 {"resourceType":"Device","status":"active","serialNumber":"0012","type":{"text":"pump"}}
TXT
for status in stopped not-taken; do
  cat >>expected <<TXT
R5 {"resourceType":"MedicationStatement","extension":[{"url":"http://hl7.org/fhir/4.0/StructureDefinition/extension-MedicationStatement.status","valueCode":"$status"}],"status":"recorded","medication":{"concept":{"text":"baclofen"}},"subject":{"reference":"Patient/p"}}
R4 {"resourceType":"MedicationStatement","status":"$status","medicationCodeableConcept":{"text":"baclofen"},"subject":{"reference":"Patient/p"}}
TXT
done
java -cp "lib/*" Ask.java 2>log | tee seen
diff expected seen
