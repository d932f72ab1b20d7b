#!/bin/sh
# HAPI's convertors turn "not given", "not taken" and "do not give" into given, taken and ordered, drug by drug, while procedures come through right.
#
# Software: HAPI FHIR 8.8.0, its org.hl7.fhir.convertors 6.7.9 (Maven), seen on 2026-11-29 with Java 17; conversions STU3 to R4, DSTU2 to R4, and R4 to STU3.
# Guess:    the negation is the first thing that a convertor between versions looks after: what has another place there (notGiven is the status not-done in R4) is moved,
#           what has none is kept as an extension or refused.
# Seen:     a dose that STU3 says was not given (completed, notGiven) is completed in R4, and a statement that DSTU2 says is not taken is active, both without an extension
#           and without the reason. The order not to give a drug is, in STU3, an order to give it, and a dose not given one that was begun (stopped). STU3's "taken: n",
#           Procedure and ServiceRequest are converted as they should be, so a trial with those tells nothing.
# So:       convert nothing whose negation was not tried, resource by resource and direction by direction; read old versions as they come, with their own negations.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>ask</groupId><artifactId>ask</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>ca.uhn.hapi.fhir</groupId><artifactId>hapi-fhir-converter</artifactId><version>8.8.0</version></dependency>
    <dependency><groupId>ca.uhn.hapi.fhir</groupId><artifactId>hapi-fhir-structures-hl7org-dstu2</artifactId><version>8.8.0</version></dependency>
    <dependency><groupId>ca.uhn.hapi.fhir</groupId><artifactId>hapi-fhir-structures-dstu3</artifactId><version>8.8.0</version></dependency>
    <dependency><groupId>ca.uhn.hapi.fhir</groupId><artifactId>hapi-fhir-structures-r4</artifactId><version>8.8.0</version></dependency>
  </dependencies>
</project>
XML
mvn --quiet --batch-mode -Dmaven.repo.local="$folder/repository" dependency:copy-dependencies -DoutputDirectory=lib >/dev/null
cat >Ask.java <<'JAVA'
import ca.uhn.fhir.context.FhirContext;
import org.hl7.fhir.convertors.factory.VersionConvertorFactory_10_40;
import org.hl7.fhir.convertors.factory.VersionConvertorFactory_30_40;
import org.hl7.fhir.instance.model.api.IBaseResource;

public class Ask {
  static final FhirContext DSTU2 = FhirContext.forDstu2Hl7Org(), STU3 = FhirContext.forDstu3(), R4 = FhirContext.forR4();
  static final String OF = ",'subject':{'reference':'Patient/p'}", BY = ",'patient':{'reference':'Patient/p'}", DRUG = ",'medicationCodeableConcept':{'text':'baclofen'}";
  static final String PUMP = ",'code':{'text':'implantation of a pump'}", MRI = ",'code':{'text':'MRI'}";

  static IBaseResource read(FhirContext version, String type, String rest) {
    return version.newJsonParser().parseResource(("{'resourceType':'" + type + "'," + rest + "}").replace('\'', '"'));
  }

  static void tell(String asked, FhirContext version, IBaseResource made) {
    String json = version.newJsonParser().encodeResourceToString(made);
    String shown = json.replaceAll(",?\"(resourceType|extension|subject|medicationCodeableConcept|code|intent|effectiveDateTime)\":(\\[\\{.*?\\}\\]|\\{.*?\\}|\".*?\")", "");
    System.out.println((asked + " -> " + shown + (json.contains("xtension") ? " and extensions" : "")).replaceAll("[\"'{}]", "").replace("> ,", "> "));
  }

  static void stu3(String type, String status, String rest) {
    tell("STU3 " + type + " " + status, R4, VersionConvertorFactory_30_40.convertResource((org.hl7.fhir.dstu3.model.Resource) read(STU3, type, status + rest)));
  }

  static void dstu2(String type, String status, String rest) {
    tell("DSTU2 " + type + " " + status, R4, VersionConvertorFactory_10_40.convertResource((org.hl7.fhir.dstu2.model.Resource) read(DSTU2, type, status + rest)));
  }

  static void r4(String type, String status, String rest) {
    tell("R4 " + type + " " + status, STU3, VersionConvertorFactory_30_40.convertResource((org.hl7.fhir.r4.model.Resource) read(R4, type, status + rest)));
  }

  public static void main(String[] none) {
    stu3("MedicationAdministration", "'status':'completed','notGiven':true,'reasonNotGiven':[{'text':'refused'}]", OF + DRUG + ",'effectiveDateTime':'2026-06-10'");
    stu3("MedicationStatement", "'status':'active','taken':'n'", OF + DRUG);
    stu3("Procedure", "'status':'completed','notDone':true", OF + PUMP);
    dstu2("MedicationStatement", "'status':'active','wasNotTaken':true,'reasonNotTaken':[{'text':'allergy'}]", BY + DRUG);
    dstu2("Procedure", "'status':'completed','notPerformed':true", OF + PUMP);
    r4("MedicationRequest", "'status':'active','doNotPerform':true", ",'intent':'order'" + OF + DRUG);
    r4("MedicationAdministration", "'status':'not-done'", OF + DRUG + ",'effectiveDateTime':'2026-06-10'");
    r4("ServiceRequest", "'status':'active','doNotPerform':true", ",'intent':'order'" + OF + MRI);
    r4("Procedure", "'status':'not-done'", OF + PUMP);
  }
}
JAVA
cat >expected <<'TXT'
STU3 MedicationAdministration status:completed,notGiven:true,reasonNotGiven:[text:refused] -> status:completed
STU3 MedicationStatement status:active,taken:n -> status:not-taken and extensions
STU3 Procedure status:completed,notDone:true -> status:not-done
DSTU2 MedicationStatement status:active,wasNotTaken:true,reasonNotTaken:[text:allergy] -> status:active
DSTU2 Procedure status:completed,notPerformed:true -> status:not-done
R4 MedicationRequest status:active,doNotPerform:true -> status:active
R4 MedicationAdministration status:not-done -> status:stopped
R4 ServiceRequest status:active,doNotPerform:true -> status:active,doNotPerform:true
R4 Procedure status:not-done -> status:suspended,notDone:true
TXT
java -cp "lib/*" Ask.java 2>log | tee seen
diff expected seen
