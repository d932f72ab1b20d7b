// Comforts only: every flow of the console works without this file.
'use strict';

function each(selector, act) { document.querySelectorAll(selector).forEach(act); }

// Copy buttons.
each('[data-copy]', (button) => {
  if (!navigator.clipboard) return;
  button.hidden = false;
  const plain = button.innerHTML;
  button.addEventListener('click', async () => {
    const source = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText('value' in source ? source.value : source.textContent);
    button.classList.add('done');
    button.textContent = 'Copied';
    setTimeout(() => { button.innerHTML = plain; button.classList.remove('done'); }, 1600);
  });
});

// The request: tidy it, say early what is wrong with it, take a file into it.
function check(area) {
  const problem = document.querySelector(`[data-problem="${area.id}"]`);
  try {
    const value = area.value.trim() ? JSON.parse(area.value) : null;
    problem.textContent = '';
    return value;
  } catch (error) {
    problem.textContent = `Not JSON: ${error.message}`;
    return null;
  }
}

each('[data-tidy]', (button) => {
  const area = document.getElementById(button.dataset.tidy);
  button.hidden = false;
  button.addEventListener('click', () => {
    const value = check(area);
    if (value !== null) area.value = JSON.stringify(value, null, 1);
  });
  area.addEventListener('change', () => check(area));
});

each('[data-into]', (input) => {
  input.addEventListener('change', async () => {
    if (!input.files.length) return;
    const area = document.getElementById(input.dataset.into);
    area.value = await input.files[0].text();
    input.value = '';
    check(area);
    area.focus();
  });
});

// A picture wider than the window opens at now, with room left for what is to come.
each('[data-open-at]', (box) => {
  const place = box.querySelector(box.dataset.openAt).getBoundingClientRect().left - box.getBoundingClientRect().left;
  box.scrollLeft = place - box.clientWidth * 0.6;
});

// Find a rule in a long list.
each('[data-filter]', (input) => {
  const list = document.getElementById(input.dataset.filter);
  const lines = [...list.querySelectorAll('.line')];
  const count = document.querySelector('[data-filter-count]');
  input.closest('.filter').hidden = false;
  input.addEventListener('input', () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    for (const line of lines) {
      line.hidden = !words.every((word) => line.dataset.words.includes(word));
      left += line.hidden ? 0 : 1;
    }
    for (const group of list.querySelectorAll('.lines')) {
      const whole = group.parentElement;
      whole.hidden = [...group.children].every((line) => line.hidden);
      if (whole.tagName === 'DETAILS') whole.open = words.length > 0 && !whole.hidden;
    }
    count.textContent = words.length ? `${left} of ${lines.length} rules` : '';
  });
});

// Feedback from a card stays on the page.
each('[data-feedback]', (form) => {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const body = new FormData(form);
    if (event.submitter) body.append(event.submitter.name, event.submitter.value);
    const status = form.querySelector('.status');
    status.classList.remove('bad');
    try {
      const response = await fetch(form.action, { method: 'POST', body, headers: { Accept: 'application/json' } });
      const answer = await response.json();
      if (!answer.ok) throw new Error(answer.message);
      status.textContent = `Feedback arrived: ${answer.outcome}. `;
      const link = document.createElement('a');
      link.href = answer.rates;
      link.textContent = 'See it in the rates';
      status.append(link);
    } catch (error) {
      status.classList.add('bad');
      status.textContent = `Feedback did not arrive: ${error.message}`;
    }
  });
});
