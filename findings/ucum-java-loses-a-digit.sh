#!/bin/sh
# Converted by HL7's UCUM library for Java 0.4 mg an hour are 1.0 mg a day, and a newborn of 2.2 lb weighs 100 grams.
#
# Software: org.fhir:ucum 1.0.10 (Maven), with the unit tables in its jar, seen on 2026-11-29 with Java 17.
# Guess:    0.4 mg/h are 9.6 mg/d, at the worst 10 in a library that minds significant digits.
# Seen:     the result is cut to as many digits as the value asked about has, so 0.3 ug/h are 7 ug/d and 1.1 are 26. Where that rounding carries (9.6 to 10, 0.998 to 1.0)
#           the new digit is lost, and what comes is a tenth: 1.0 mg/d, 0.100 kg. 4 ug/h, written without a point, are taken as exact and right, and 0.40 are right too.
#           Of all rates with one decimal place up to 99.9 ug/h just 0.4 is a tenth of what it should be, so a trial with a few others tells nothing.
# So:       multiply doses with decimals of your own and a table of the few units that a pump has. With this library write more digits than you need (0.4000), and check that
#           the way back brings the value that was given.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>ask</groupId><artifactId>ask</artifactId><version>1</version>
  <dependencies><dependency><groupId>org.fhir</groupId><artifactId>ucum</artifactId><version>1.0.10</version></dependency></dependencies>
</project>
XML
mvn --quiet --batch-mode -Dmaven.repo.local="$folder/repository" dependency:copy-dependencies -DoutputDirectory=lib >/dev/null
cat >Ask.java <<'JAVA'
import java.math.BigDecimal;
import org.fhir.ucum.Decimal;
import org.fhir.ucum.UcumEssenceService;

public class Ask {
  static UcumEssenceService units;

  static String convert(String value, String from, String to) throws Exception {
    return units.convert(new Decimal(value), from, to).asDecimal();
  }

  static void tell(String from, String to, String... values) throws Exception {
    for (String value : values) {
      System.out.println(value + " " + from + " = " + convert(value, from, to) + " " + to);
    }
  }

  public static void main(String[] none) throws Exception {
    units = new UcumEssenceService(Ask.class.getResourceAsStream("/ucum-essence.xml"));
    tell("mg/h", "mg/d", "0.4", "0.40", "0.4000", "0.5");
    tell("ug/h", "ug/d", "0.3", "1.1", "4", "11.3");
    tell("mL/h", "mL/d", "0.04");
    tell("[lb_av]", "kg", "2.2", "2.20", "2.3");
    String tenths = "";
    for (int i = 1; i < 1000; i++) {
      BigDecimal rate = BigDecimal.valueOf(i, 1);
      if (new BigDecimal(convert(rate.toString(), "ug/h", "ug/d")).compareTo(rate.multiply(BigDecimal.valueOf(12))) < 0) tenths += " " + rate;
    }
    System.out.println("less than half of what it is, from 0.1 to 99.9 ug/h:" + tenths);
  }
}
JAVA
cat >expected <<'TXT'
0.4 mg/h = 1.0 mg/d
0.40 mg/h = 9.6 mg/d
0.4000 mg/h = 9.600 mg/d
0.5 mg/h = 12 mg/d
0.3 ug/h = 7 ug/d
1.1 ug/h = 26 ug/d
4 ug/h = 96 ug/d
11.3 ug/h = 271 ug/d
0.04 mL/h = 0.10 mL/d
2.2 [lb_av] = 0.100 kg
2.20 [lb_av] = 0.998 kg
2.3 [lb_av] = 1.0 kg
less than half of what it is, from 0.1 to 99.9 ug/h: 0.4
TXT
java -cp "lib/*" Ask.java 2>log | tee seen
diff expected seen
