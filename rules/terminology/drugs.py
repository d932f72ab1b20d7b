"""Drugs: from codes of any system, or from an RxNorm-style name, to ingredients, classes, route and strength.

Order of trust (docs/fhir-mapping.md §5): codes the tables know; the name beside a code they do not know (a retired
one); the words of a text or beside a local code. Nothing is looked up in names when a code is known, save a route,
dose form or strength that the code does not tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from rules.chart import Grade
from rules.terminology.codes import CodeTable, Coding, Systems, names_of
from rules.terminology.names import FormIndex, NameIndex
from rules.terminology.packages import package_codes
from rules.terminology.text_bounds import LONGEST_CODE, LONGEST_SYSTEM
from rules.terminology.words import Phrasebook

LOCAL_ROUTES = frozenset(
    {"topical", "ophthalmic", "otic", "nasal", "inhalation", "vaginal", "infiltration", "dental", "irrigation", "lock"}
)
"""Routes by which a drug stays where it is put (docs/fhir-mapping.md §5)."""
_STRENGTH = re.compile(
    r"\d\s*(?:mg|mcg|ug|µg|g|gm|ml|unt|unit|units|meq|hr|actuat)\b|\d\s*%|[a-z] / [a-z]", re.IGNORECASE
)
_NUMBER = r"(\d[\d,]{0,14}(?:\.\d{1,9})?|\.\d{1,9})"
_PER_VOLUME = re.compile(
    rf"(?<![\d.,]){_NUMBER} ?(mg|mcg|ug|µg|μg|micrograms?|milligrams?) ?(?:/|per) ?{_NUMBER}? ?(?:ml|milliliters?|cc)\b",
    re.IGNORECASE,
)
"""Read in text with single blanks. A number begins where no digit stands before it: no run of digits is tried twice."""
_SYSTEMIC_ONLY = "antimicrobial_systemic"
_SPECIFIC = ("SBD", "SCD", "GPCK", "BPCK", "GPCK/BPCK", "(VA)", "SCDC", "SCDC?", "BN")


@dataclass(frozen=True, slots=True)
class Drug:
    """One drug or combination product."""

    ingredients: frozenset[str]
    classes: frozenset[str]
    grade: Grade
    route: str | None = None
    """Route of the product; None when it does not tell (an injection may be given in several ways)."""
    dose_form: str | None = None
    injection: bool = False
    strength: Decimal | None = None
    """µg/mL of baclofen."""
    systemic: bool = True
    flush: bool = False


@dataclass(frozen=True, slots=True)
class Product:
    """What the tables say of one code."""

    ingredients: tuple[str, ...]
    classes: tuple[str, ...] = ()
    """Classes that no ingredient carries (ATC substances outside RxNorm)."""
    form: str | None = None
    route: str | None = None
    injection: bool = False
    strength: Decimal | None = None
    rank: int = 99
    """Smaller is more specific."""


NASAL_SYSTEMIC = frozenset({"opioid", "benzodiazepine"})
NASAL_INGREDIENTS = frozenset({"ketamine", "esketamine"})


def rank(term_type: str) -> int:
    return _SPECIFIC.index(term_type) if term_type in _SPECIFIC else len(_SPECIFIC)


def is_systemic(route: str | None, classes: Iterable[str], ingredients: Iterable[str] = ()) -> bool:
    """Whether a drug given by this route reaches the whole body. Inhaled general anesthetics do, and nasal opioids,
    benzodiazepines and ketamine, which are given that way for it; rectal local anesthetics do not.
    """
    held = frozenset(classes)
    if route == "nasal" and (held & NASAL_SYSTEMIC or not NASAL_INGREDIENTS.isdisjoint(ingredients)):
        return True
    if route == "inhalation" and "anesthetic_general" in held:
        return True
    if route == "rectal":
        return not held or not held <= {"anesthetic_local", "anesthetic_local-weak"}
    return route not in LOCAL_ROUTES


@dataclass(frozen=True, slots=True)
class DrugTables:
    systems: Systems
    by_rxnorm: Mapping[str, Product]
    by_package: Mapping[int, str]
    """11-digit NDC to RXCUI."""
    by_atc: Mapping[str, Product]
    atc_group: CodeTable
    """CodeTable of ATC groups to classes."""
    by_hcpcs: Mapping[str, Product]
    classes_of: Mapping[str, tuple[str, ...]]
    brand_routes: Mapping[str, str]
    names: NameIndex
    forms: FormIndex
    flush: Phrasebook
    systemic_patch: frozenset[str]
    injection_only: Mapping[str, frozenset[Decimal]]
    injected: frozenset[str]
    """Ingredients of which there are injections only."""
    injection_route: Mapping[str, str]

    def product(self, system: str | None, code: str | None) -> Product | None:
        """The product of one code, or None when no table knows it."""
        if not system or not code or len(code) > LONGEST_CODE or len(system) > LONGEST_SYSTEM:
            return None
        name, given = self.systems.normal(system, code)
        if name == self.systems.by_name["RxNorm"]:
            return self.by_rxnorm.get(given)
        if name == self.systems.by_name["NDC"]:
            return self._package(given)
        if name == self.systems.by_name["ATC"]:
            return self._atc(given)
        return self.by_hcpcs.get(given) if name == self.systems.by_name["HCPCS"] else None

    def _terminologies(self) -> frozenset[str]:
        return frozenset(self.systems.by_name[name] for name in ("RxNorm", "NDC", "ATC", "HCPCS"))

    def _package(self, code: str) -> Product | None:
        found = {self.by_package[number] for number in package_codes(code) if number in self.by_package}
        products = [self.by_rxnorm[code] for code in sorted(found)]
        return products[0] if len({product.ingredients for product in products}) == 1 else None

    def _atc(self, code: str) -> Product | None:
        if code in self.by_atc:
            return self.by_atc[code]
        classes = self.atc_group.concepts(self.systems.by_name["ATC"], code)
        return Product((), tuple(sorted(classes))) if classes else None

    def identify(self, codings: Sequence[Coding], texts: Sequence[str]) -> Drug | None:
        """The drug of one CodeableConcept; None when nothing names a drug that the rules know."""
        names = names_of(codings, texts)
        for given, grade in ((codings, Grade.CODE), (self.systems.guessed(codings), Grade.NAME)):
            known = sorted((p for s, c, _ in given if (p := self.product(s, c))), key=lambda p: p.rank)
            if known:
                merged = _merge(known)
                return self._drug(merged, merged.ingredients, grade, names)
        ingredients = tuple(sorted(frozenset().union(*(self.names.find(name) for name in names))))
        return (
            self._drug(Product(ingredients), ingredients, self._name_grade(codings, names), names)
            if ingredients
            else None
        )

    def identify_as(self, concept: str, codings: Sequence[Coding], texts: Sequence[str]) -> Drug:
        """The drug of a site's own code, mapped to an ingredient or a class; names may tell its route and strength."""
        names = names_of(codings, texts)
        product = Product((concept,)) if concept in self.classes_of else Product((), (concept,))
        return self._drug(product, product.ingredients, Grade.CODE, names)

    def _name_grade(self, codings: Sequence[Coding], names: Sequence[str]) -> Grade:
        """A name in RxNorm style beside a code of a drug terminology identifies; words alone, or beside a local code,
        are name text.
        """
        coded = any(
            system and code and self.systems.canonical(system) in self._terminologies() for system, code, _ in codings
        )
        return Grade.CODE if coded and any(self._styled(name) for name in names) else Grade.NAME

    def _styled(self, name: str) -> bool:
        return bool(self.names.find(name)) and (self.is_product(name) or self.names.whole(name))

    def is_product(self, name: str) -> bool:
        """The name tells a strength or a dose form, as the products of a terminology do."""
        return bool(_STRENGTH.search(name)) or self.forms.form_of(name)[0] is not None

    def _drug(self, product: Product, ingredients: tuple[str, ...], grade: Grade, names: Sequence[str]) -> Drug:
        held = frozenset(ingredients)
        classes = frozenset(product.classes).union(*(self.classes_of.get(name, ()) for name in held))
        form, route, injection = self._form(product, held, names)
        strength = product.strength or self._strength(held, names)
        if strength and not form and any(strength in self.injection_only.get(name, ()) for name in held):
            injection = True
        injection = injection or (not form and not self.injected.isdisjoint(held))
        if injection and not route:
            route = next((self.injection_route[name] for name in sorted(held) if name in self.injection_route), None)
        flush = bool(self.flush.find(names))
        systemic = is_systemic(route, classes, held) and not flush
        return Drug(
            held,
            classes if systemic else classes - {_SYSTEMIC_ONLY},
            grade,
            route,
            form,
            injection,
            strength,
            systemic,
            flush,
        )

    def _form(
        self, product: Product, held: frozenset[str], names: Sequence[str]
    ) -> tuple[str | None, str | None, bool]:
        if product.form or product.route or product.injection:
            return product.form, product.route, product.injection
        for name in names:
            form, route, injection = self.forms.form_of(name)
            if form:
                patch = "transdermal" if held & self.systemic_patch else "topical"
                return form, patch if route == "patch" else route, injection
        brand = next(
            (route for name in names for brand, route in self.brand_routes.items() if brand in name.lower()), None
        )
        return None, brand, brand == "intrathecal"

    def _strength(self, held: frozenset[str], names: Sequence[str]) -> Decimal | None:
        return (
            next((found for name in names if (found := micrograms_per_ml(name))), None) if "baclofen" in held else None
        )


def micrograms_per_ml(name: str) -> Decimal | None:
    """The first concentration in a name, in µg/mL: "0.5 MG/ML", "10,000 mcg/20 mL"."""
    found = _PER_VOLUME.search(" ".join(name.split()))
    if not found:
        return None
    volume = Decimal((found[3] or "1").replace(",", ""))
    mass = Decimal(found[1].replace(",", "")) * (1000 if found[2].lower().startswith(("mg", "milli")) else 1)
    return mass / volume if volume and mass else None


def mixture(drugs: Sequence[Drug]) -> Drug:
    """What several parts of one preparation make together: route, form and strength of the first that tells them."""
    if len(drugs) == 1:
        return drugs[0]
    telling = next((drug for drug in drugs if drug.route or drug.dose_form or drug.injection), drugs[0])
    return replace(
        telling,
        ingredients=frozenset().union(*(drug.ingredients for drug in drugs)),
        classes=frozenset().union(*(drug.classes for drug in drugs)),
        grade=drugs[0].grade,
        strength=next((drug.strength for drug in drugs if drug.strength is not None), None),
        systemic=any(drug.systemic for drug in drugs),
        flush=all(drug.flush for drug in drugs),
    )


def _merge(products: Sequence[Product]) -> Product:
    """Union of the ingredients; form, route and strength of the most specific product that tells them."""
    ingredients = tuple(dict.fromkeys(name for product in products for name in product.ingredients))
    classes = tuple(dict.fromkeys(name for product in products for name in product.classes))
    telling = next((product for product in products if product.form or product.route or product.injection), products[0])
    strength = next((product.strength for product in products if product.strength), None)
    return Product(ingredients, classes, telling.form, telling.route, telling.injection, strength, telling.rank)
