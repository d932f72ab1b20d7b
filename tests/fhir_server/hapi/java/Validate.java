import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.FhirVersionEnum;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.UnknownCodeSystemWarningValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.r5.utils.validation.constants.BestPracticeWarningLevel;

/**
 * The HL7 FHIR validator, without the network: base profiles and HL7's own code systems of that FHIR version, and in memory what further
 * resources it is given. Arguments: the version (R4), and a file of code systems and value sets, one a line. Standard input: one resource a line.
 * Standard output: for each line a JSON array of its errors, [place, message] each. Codes of a system that nobody gave it are taken as they are.
 */
public class Validate {
    public static void main(String[] arguments) throws Exception {
        FhirContext fhir = FhirContext.forCached(FhirVersionEnum.valueOf(arguments[0]));
        var further = new PrePopulatedValidationSupport(fhir);
        for (String line : Files.readAllLines(Path.of(arguments[1]))) further.addResource(fhir.newJsonParser().parseResource(line));
        var unknown = new UnknownCodeSystemWarningValidationSupport(fhir);
        unknown.setNonExistentCodeSystemSeverity(IValidationSupport.IssueSeverity.WARNING);
        var chain = new ValidationSupportChain(
            new DefaultProfileValidationSupport(fhir), further, new CommonCodeSystemsTerminologyService(fhir),
            new InMemoryTerminologyServerValidationSupport(fhir), new SnapshotGeneratingValidationSupport(fhir), unknown);
        var module = new FhirInstanceValidator(chain);
        module.setAnyExtensionsAllowed(true); // Epic's own, and data-absent-reason
        module.setBestPracticeWarningLevel(BestPracticeWarningLevel.Ignore);
        FhirValidator validator = fhir.newValidator();
        validator.registerValidatorModule(module);

        var json = new ObjectMapper();
        var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            ArrayNode errors = json.createArrayNode();
            for (var message : validator.validateWithResult(line).getMessages()) {
                if (message.getSeverity().ordinal() >= ResultSeverityEnum.ERROR.ordinal()) {
                    errors.addArray().add(message.getLocationString()).add(message.getMessage());
                }
            }
            out.println(errors);
        }
    }
}
